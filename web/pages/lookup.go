package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// lookupSheet is the page that finds a case by its reference, and a case or what was
// printed by a serial.
type lookupSheet struct {
	Wanted string // what was looked for and not found
	Wrong  string // what is wrong with that; empty: nothing was looked for yet
}

// longestWanted is how much of what was typed is shown again.
const longestWanted = 60

func (a *app) showLookup(v *visit) error {
	if err := v.mayLookUp(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "lookup", lookupSheet{})
}

// mayLookUp refuses whoever has no case to find.
func (v *visit) mayLookUp() error {
	if !hasCases(v.who) && !whoMay(pathway.DeedPrint)(v.who) {
		return v.refuse("", pathway.Action{Do: pathway.DeedLook}, string(pathway.NotInRole))
	}
	return nil
}

// lookup leads to what somebody names: to the case, or, who may only print for it, to
// what was printed.
func (a *app) lookup(v *visit) error {
	if err := v.mayLookUp(); err != nil {
		return err
	}
	typed := strings.TrimSpace(v.r.PostFormValue("q"))
	for _, look := range []func(string) (string, error){v.caseNamed, v.printNamed} {
		if to, err := look(typed); err != nil || to != "" {
			if err == nil {
				err = v.goTo(to)
			}
			return err
		}
	}
	if typed == "" {
		return v.show(http.StatusUnprocessableEntity, "lookup", lookupSheet{Wrong: "missing"})
	}
	if err := v.audit("", "searched", "found nothing", ""); err != nil {
		return err
	}
	if letters := []rune(typed); len(letters) > longestWanted {
		typed = string(letters[:longestWanted]) + "…"
	}
	return v.show(http.StatusNotFound, "lookup", lookupSheet{typed, "unknown"})
}

// caseNamed is where the case of a reference is shown; empty: there is none that is
// theirs.
func (v *visit) caseNamed(typed string) (string, error) {
	for _, ref := range []string{typed, strings.ToUpper(typed)} {
		if to, err := v.caseFor(ref, "/print?case="+url.QueryEscape(ref)); err != nil || to != "" {
			return to, err
		}
	}
	return "", nil
}

// printNamed is where what a serial stands on is shown, likewise.
func (v *visit) printNamed(typed string) (string, error) {
	if _, err := postcards.ParseSerial(typed); err != nil {
		return "", nil
	}
	found, err := printing.LookUp(v.ctx(), v.Store, typed)
	if pathway.ProblemOf(err) == pathway.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return v.caseFor(found.Print.Case, fmt.Sprintf("/print/items/%d", found.Print.ID))
}

// caseFor is the page of a case for whoever may open it, and another for whoever may
// only print for it; empty: for nobody else.
func (v *visit) caseFor(ref, printed string) (string, error) {
	on, err := v.Store.AccessCase(v.ctx(), ref)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case v.may(pathway.Action{Do: pathway.DeedLook}, on):
		return "/cases/" + url.PathEscape(ref), nil
	case v.may(pathway.Action{Do: pathway.DeedPrint}, on):
		return printed, nil
	}
	return "", nil
}
