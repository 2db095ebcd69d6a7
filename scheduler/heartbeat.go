package scheduler

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const heartbeatTimeout = 10 * time.Second

// heartbeat tells a monitor that a scan went well, so that somebody notices when
// that stops.
type heartbeat struct {
	url    string
	client *http.Client
}

func newHeartbeat(url string) *heartbeat {
	return &heartbeat{url, &http.Client{Timeout: heartbeatTimeout}}
}

// beat calls the monitor once. Errors never show the address: it is often the
// monitor's only secret.
func (h *heartbeat) beat(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url, nil)
	if err != nil {
		return fmt.Errorf("the heartbeat address is not a URL: correct it in the configuration")
	}
	response, err := h.client.Do(request)
	if err != nil {
		return fmt.Errorf("the monitor behind the heartbeat address does not answer: check the address and the network")
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be kept
	if response.StatusCode >= 300 {
		return fmt.Errorf("the monitor behind the heartbeat address answers %s: check the address", response.Status)
	}
	return nil
}
