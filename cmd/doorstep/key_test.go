package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

const bouncesRead = `{scan: "@every 1s", inbox: "", digest: "", contact_test: "", bounces: "@every 1s"}`

// keyFile is where the key of a daemon on SQLite lies.
func (d *daemon) keyFile() string { return strings.TrimPrefix(d.database(), "sqlite:") + ".key" }

// emailToW1 has W1 told of a case and returns that email's Message-ID.
func (d *daemon) emailToW1(mail *smtptest.Server, ref string) (messageID string) {
	d.t.Helper()
	before := len(emailsTo(mail, "w1@council.example"))
	d.refer(ref, "W1")
	d.await("the practitioner's email", func() bool {
		return len(emailsTo(mail, "w1@council.example")) > before && d.rows("messages WHERE state IN ('queued', 'sending', 'failed-temporarily')") == 0
	})
	return emailsTo(mail, "w1@council.example")[before].MessageID()
}

// bounces puts a bounce of an email to W1 into the folder and returns where it was put away.
func (d *daemon) bounces(name, messageID string) (folder string) {
	d.t.Helper()
	d.drop("bounces", name+".eml", fmt.Sprintf(bounced, "w1@council.example", messageID))
	d.await("the bounce to be put away", func() bool {
		found, _ := filepath.Glob(filepath.Join(d.folder, "bounces", "*", "*-"+name+".eml"))
		if len(found) == 1 {
			folder = filepath.Base(filepath.Dir(found[0]))
		}
		return folder != ""
	})
	return folder
}

// byEmail has all colleagues told by email.
func (d *daemon) byEmail() {
	d.t.Helper()
	d.command("import", "people", d.write("people-2.csv", strings.ReplaceAll(colleagues, ",sms,", ",email,")))
}

// TestAnInstallationKnowsWhatItSent: under a key that was rotated since, on another
// machine that was restored from a backup, and not what somebody else makes up.
func TestAnInstallationKnowsWhatItSent(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	d := newCouncil(t, mail, keys{"bounces": "./bounces", "schedules": bouncesRead})
	d.byEmail()
	p := d.start()
	first, other, third := d.emailToW1(mail, "KN-1"), d.emailToW1(mail, "KN-2"), d.emailToW1(mail, "KN-3")
	info, err := os.Stat(d.keyFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v, %v; want it made, with mode 0600", info, err)
	}
	if first == other {
		t.Errorf("two emails are called %s", first)
	}
	d.end(p)

	if out := d.command("key", "rotate"); !strings.Contains(out, "restart") || !strings.Contains(out, "still recognised: 1") {
		t.Errorf("rotate says %q, want that the daemon is to be restarted and one older key is recognised", out)
	}
	p = d.start()
	if got := d.bounces("rotated", first); got != "done" {
		t.Errorf("a bounce of what was sent under the older key lies in %s, want done", got)
	}
	fourth := d.emailToW1(mail, "KN-4")
	d.end(p)
	d.command("backup", "all.backup")
	key, err := os.ReadFile(d.keyFile())
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`[0-9a-f]{64}`).FindString(string(key))
	for _, out := range []string{d.command("key", "show"), p.log.String(), d.command("check")} {
		if secret == "" || strings.Contains(out, secret) {
			t.Errorf("the key shows in %q", out)
		}
	}

	elsewhere := newCouncil(t, mail, keys{"bounces": "./bounces", "schedules": bouncesRead})
	if err := os.Remove(strings.TrimPrefix(elsewhere.database(), "sqlite:")); err != nil {
		t.Fatal(err)
	}
	elsewhere.command("restore", filepath.Join(d.folder, "all.backup"))
	q := elsewhere.start()
	if got := elsewhere.bounces("restored", fourth); got != "done" {
		t.Errorf("a bounce of what was sent before the restore lies in %s, want done", got)
	}
	if got := elsewhere.bounces("older", third); got != "done" {
		t.Errorf("a bounce of what was sent under the older key, before the restore, lies in %s, want done", got)
	}
	elsewhere.end(q)

	// The file of the database alone, without the key.
	if err := os.Remove(elsewhere.keyFile()); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "check"} {
		out, errs, code := elsewhere.try(command)
		if said := out + errs; code != exitUsage || !strings.Contains(said, "key is missing") || !strings.Contains(said, "doorstep key rotate --lost") {
			t.Errorf("%s without the key: exit %d, %s; want %d and what to do", command, code, said, exitUsage)
		}
	}
	if _, err := os.Stat(elsewhere.keyFile()); err == nil {
		t.Error("serve made another key in silence")
	}
	elsewhere.command("key", "rotate", "--lost")
	q = elsewhere.start()
	if got := elsewhere.bounces("lost", other); got != "unread" {
		t.Errorf("a bounce of what was sent under a key that is lost lies in %s, want unread", got)
	}
	elsewhere.end(q)
}

// TestDaemonsOnOneDatabaseShareTheKey: a second machine without it is refused, and with
// it recognises what the first one sent; the key may also stand in the configuration.
func TestDaemonsOnOneDatabaseShareTheKey(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	database := storetest.PostgresURL(t)
	there := keys{"database": fmt.Sprintf("%q", database), "bounces": "./bounces", "schedules": bouncesRead}
	a, b := newCouncil(t, mail, there), newCouncil(t, mail, there)
	a.byEmail()
	p := a.start()
	id := a.emailToW1(mail, "KN-1")
	out, errs, code := b.try("serve")
	if code != exitUsage || !strings.Contains(errs, "key is missing") || !strings.Contains(errs, "copy the key file") {
		t.Fatalf("a second daemon without the key: exit %d, %s%s; want %d and what to do", code, out, errs, exitUsage)
	}
	key, err := os.ReadFile(filepath.Join(a.folder, "doorstep.key"))
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`[0-9a-f]{64}`).FindString(string(key))
	config := b.configuration()
	b.write("doorstep.yaml", config+"origin_key: "+strings.Repeat("ab", 32)+"\n")
	if _, errs, code = b.try("serve"); code != exitUsage || !strings.Contains(errs, "is not the one") || strings.Contains(errs, "abab") {
		t.Errorf("a second daemon with another key: exit %d, %s; want %d and that it is another", code, errs, exitUsage)
	}
	b.write("doorstep.yaml", config+"origin_key: ${file:secret}\n")
	b.write("secret", written+"\n")
	a.end(p)
	q := b.start()
	if got := b.bounces("others", id); got != "done" {
		t.Errorf("a bounce of what the first daemon sent lies in %s, want done", got)
	}
	b.end(q)
	if _, errs, code := b.try("key", "rotate"); code != exitUsage || !strings.Contains(errs, "origin_key") {
		t.Errorf("rotating a key of the configuration: exit %d, %s; want %d and where it stands", code, errs, exitUsage)
	}
}
