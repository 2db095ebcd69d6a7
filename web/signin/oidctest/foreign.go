package oidctest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// ForeignSubject is who signs in at a foreign provider, as it calls them.
const ForeignSubject = "id1"

// Foreign is a provider that others have written to the standard: it can be made to do
// nothing wrong.
type Foreign struct{ Issuer string }

// StartForeign starts a foreign provider until the test ends, which sends people back to
// an address.
func StartForeign(t testing.TB, redirect string) *Foreign {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	storage.RegisterClients(storage.WebClient(ClientID, Secret, redirect))
	server.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)),
		slog.New(slog.DiscardHandler), false, op.WithAllowInsecure())
	server.Start()
	t.Cleanup(server.Close)
	return &Foreign{issuer}
}

// Visit is somebody who signs in there with a name and a password, as in a browser, and
// returns the address that they are sent back to.
func (p *Foreign) Visit(t testing.TB, address string) *url.URL {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.Issuer) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	form, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	form.Body.Close()
	id := form.Request.URL.Query().Get("authRequestID")
	if form.StatusCode != http.StatusOK || id == "" {
		t.Fatalf("the provider answers %s at %s, want its form", form.Status, form.Request.URL)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(p.Issuer, "http://"), ":")
	back, err := client.PostForm(p.Issuer+"/login/username", url.Values{"id": {id}, "username": {"test-user@" + host}, "password": {"verysecure"}})
	if err != nil {
		t.Fatal(err)
	}
	defer back.Body.Close()
	to, err := back.Location()
	if err != nil {
		says, _ := io.ReadAll(back.Body)
		t.Fatalf("the provider sends nobody back: %s: %s", back.Status, says)
	}
	return to
}
