package scheduler

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestThoseWhoComeMeanwhileShareARoundTrip(t *testing.T) {
	begun, finish := make(chan struct{}, 8), make(chan struct{})
	var trips [][]int
	double := together[int, int]{ask: func(_ context.Context, numbers []int) ([]int, error) {
		begun <- struct{}{}
		<-finish
		trips = append(trips, numbers)
		answers := make([]int, len(numbers))
		for i, n := range numbers {
			answers[i] = 2 * n
		}
		return answers, nil
	}}
	var all sync.WaitGroup
	get := func(n int) {
		all.Go(func() {
			if got, err := double.get(t.Context(), n); err != nil || got != 2*n {
				t.Errorf("twice %d: got %d (error %v)", n, got, err)
			}
		})
	}
	get(1)
	<-begun
	for n := 2; n <= 4; n++ {
		get(n)
	}
	for waiting := 0; waiting < 3; { // all have come
		double.mu.Lock()
		waiting = len(double.waiting)
		double.mu.Unlock()
	}
	close(finish)
	all.Wait()
	if len(trips) != 2 || len(trips[0]) != 1 || len(trips[1]) != 3 {
		t.Errorf("the trips carried %v, want the first alone and the other three together", trips)
	}
	slices.Sort(trips[1])
	if !slices.Equal(trips[1], []int{2, 3, 4}) {
		t.Errorf("the second trip carried %v, want 2, 3 and 4", trips[1])
	}
}

func TestErrorOfATripIsEverybodysAndTheNextGoes(t *testing.T) {
	wrong := errors.New("wrong")
	asked := 0
	flaky := together[int, int]{ask: func(_ context.Context, numbers []int) ([]int, error) {
		if asked++; asked == 1 {
			return nil, wrong
		}
		return numbers, nil
	}}
	if _, err := flaky.get(t.Context(), 1); !errors.Is(err, wrong) {
		t.Errorf("got %v, want %v", err, wrong)
	}
	if got, err := flaky.get(t.Context(), 2); err != nil || got != 2 {
		t.Errorf("afterwards: got %d (error %v), want 2", got, err)
	}
}

func TestPanicOnATripDoesNotLeaveTheOthersWaiting(t *testing.T) {
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	asked := 0
	broken := together[int, int]{ask: func(_ context.Context, numbers []int) ([]int, error) {
		begun <- struct{}{}
		<-finish
		if asked++; asked == 1 {
			panic("broken")
		}
		return numbers, nil
	}}
	first := make(chan any)
	go func() {
		defer func() { first <- recover() }()
		broken.get(t.Context(), 1)
	}()
	<-begun
	second := make(chan error)
	go func() {
		_, err := broken.get(t.Context(), 2)
		second <- err
	}()
	close(finish)
	if p := <-first; p != "broken" {
		t.Errorf("the first panicked with %v, want broken", p)
	}
	if err := <-second; err != nil {
		t.Errorf("the second got %v, want its answer", err)
	}
}
