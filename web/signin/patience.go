package signin

import "time"

// How often a password may be wrong before the next try has to wait: by account, and
// by address, from which a whole office may come.
const (
	freeTries    = 3
	accountTries = 8
	addressTries = 50
	lockedFor    = 15 * time.Minute
	// ForgottenAfter is when wrong passwords count no more.
	ForgottenAfter = time.Hour
)

// NextTry returns when an account may be tried again after so many wrong passwords, the
// last of them at last: at once at first, then after 2, 4, 8 … seconds, and from the
// eighth on after a quarter of an hour.
func NextTry(failures int, last time.Time) time.Time {
	switch {
	case failures < freeTries:
		return time.Time{}
	case failures < accountTries:
		return last.Add(2 * time.Second << (failures - freeTries))
	}
	return last.Add(lockedFor)
}

// NextTryFrom is NextTry for an address: whoever tries many accounts from it.
func NextTryFrom(failures int, last time.Time) time.Time {
	if failures < addressTries {
		return time.Time{}
	}
	return last.Add(lockedFor)
}
