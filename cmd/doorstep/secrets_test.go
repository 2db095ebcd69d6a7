package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secretive sends by everything there is, by secrets that are not here.
const secretive = `
database: "sqlite:%s/doorstep.db"
listen: 127.0.0.1:0
public_url: https://doorstep.council.gov.uk
organisation: {name: Council, contact_number: "01793 496000"}
duty_address: {email: duty@council.gov.uk}
heartbeat_url: https://hc.council.gov.uk/${HEARTBEAT_NOT_HERE}
email:
  via: smtp
  from: Doorstep <doorstep@council.gov.uk>
  smtp: {host: mail.council.gov.uk, username: "${file:%[1]s/user}", password: "${file:%[1]s/password}"}
sms:
  via: twilio
  twilio: {account_sid: AC00000000000000000000000000000000, auth_token: "${TWILIO_NOT_HERE}", from: "+441793496000"}
letters: {via: notify, notify: {api_key: "${file:%[1]s/letters}"}}
`

// secretiveFolder holds such a configuration, and the files to import.
func secretiveFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"doorstep.yaml": fmt.Sprintf(secretive, folder),
		"people.csv":    "id,role,email,reports_to\nM1,manager,m1@council.gov.uk,\nW1,practitioner,w1@council.gov.uk,M1\n",
		"cases.csv":     "ref,pathway,opened_at,practitioner,manager\nKN-1,csc-child-and-family,2026-09-01,W1,M1\n",
		"events.csv":    "event_id,case_ref,kind,at,by\nx1,KN-1,no-access,2026-09-02 10:00,W1\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// runIn runs one command, with ./ for the folder, on the folder's configuration.
func runIn(t *testing.T, folder, command string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var o, e bytes.Buffer
	args := strings.Fields(strings.ReplaceAll(command, "./", folder+"/"))
	code = run(ctx, append(args, "--config", filepath.Join(folder, "doorstep.yaml")), strings.NewReader(""), &o, &e)
	return o.String(), strings.ReplaceAll(e.String(), folder+"/", "./"), code
}

// TestOnlyWhatSendsNeedsItsSecrets: with the service down and its secrets away, the
// office can still look, import, print and restore.
func TestOnlyWhatSendsNeedsItsSecrets(t *testing.T) {
	t.Parallel()
	folder := secretiveFolder(t)
	for _, command := range []string{
		"migrate", "import people ./people.csv", "import cases ./cases.csv", "import events ./events.csv", "case KN-1", "duties", "readiness",
		"record KN-1 discussed-with-manager --by W1", "config show --effective", "digest --manager M1",
		"undelivered", "print --pending --out ./today/", "print cards --variant rearrange --blank 4 --out ./pad.pdf", "backup ./kept.json.gz",
		"export chronology KN-1 --out ./kn-1.pdf", "pathway list", "mapping list",
		"simulate --people ./people.csv --cases ./cases.csv --events ./events.csv --from 2026-09-01 --to 2026-09-10",
	} {
		if _, errs, code := runIn(t, folder, command); code != exitDone {
			t.Errorf("%s: exit %d: %s; want it done without the secrets", command, code, errs)
		}
	}
	if err := os.Remove(filepath.Join(folder, "doorstep.db")); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := runIn(t, folder, "restore ./kept.json.gz"); code != exitDone {
		t.Errorf("restore: exit %d: %s; want it done without the secrets", code, errs)
	}
	if out, errs, code := runIn(t, folder, "case KN-1"); code != exitDone || !strings.Contains(out, "no-access") {
		t.Errorf("after a restore: exit %d: %s%s; want the case with its event", code, out, errs)
	}
}

// TestWhatSendsSaysWhichSecretIsMissing: and check goes on to what else there is.
func TestWhatSendsSaysWhichSecretIsMissing(t *testing.T) {
	t.Parallel()
	folder := secretiveFolder(t)
	all := []string{"email.smtp.password: the secret file cannot be read", "email.smtp.username: the secret file", "sms.twilio.auth_token: the environment variable TWILIO_NOT_HERE is not set",
		"letters.notify.api_key: the secret file", "heartbeat_url: the environment variable HEARTBEAT_NOT_HERE"}
	_, errs, code := runIn(t, folder, "serve")
	says(t, "serve", errs, all)
	if code != exitUsage {
		t.Errorf("serve: exit %d, want %d", code, exitUsage)
	}
	_, errs, code = runIn(t, folder, "post --pending")
	says(t, "post", errs, all[3:4], "TWILIO", "smtp")
	if code != exitUsage {
		t.Errorf("post: exit %d, want %d", code, exitUsage)
	}
	config := filepath.Join(folder, "doorstep.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append(text, "teams: {East: {duty_email: east@council.gov.uk}}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := runIn(t, folder, "check --online")
	says(t, "check", out, append(all, "doorstep.yaml:14:61: sms.twilio.auth_token", "teams.East: no person and no case is in a team of this name"))
	if code != exitUsage || errs != "doorstep: 5 faults: correct them and check again\n" {
		t.Errorf("check: exit %d: %q, want 5 faults", code, errs)
	}
}

// TestASecretIsReadByWhatSendsOnly: a pipe that nobody writes to would hold up whoever
// reads it.
func TestASecretIsReadByWhatSendsOnly(t *testing.T) {
	t.Parallel()
	folder := secretiveFolder(t)
	if err := syscall.Mkfifo(filepath.Join(folder, "password"), 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	if _, errs, code := runIn(t, folder, "pathway show hv-child"); code != exitDone {
		t.Errorf("exit %d: %s; want it not to look at the password", code, errs)
	}
}

// TestADatabaseAddressNeverShowsItsPassword: however it is written, in whichever
// command, and whatever pgx and net/url say of it.
func TestADatabaseAddressNeverShowsItsPassword(t *testing.T) {
	t.Setenv("DB_PASSWORD", "hunter2/hunter3#hunter4")
	for _, address := range []string{
		"postgres://u:hunter2@hunter3#hunter4/hunter5@127.0.0.1:1/db",
		"postgres://u:hunter2%zzhunter3@127.0.0.1:1/db",
		"postgres://u:12/hunter2@127.0.0.1:1/db",
		"postgres://u:12?hunter2=hunter3@127.0.0.1:1/db",
		"postgres://u:hunter2/hunter3@127.0.0.1:1/db",
		"postgres://u:hunter2@hunter3/hunter4@127.0.0.1:1/db",
		"postgres://u:hunter 2@127.0.0.1:1/db",
		"postgres://u:[hunter2@127.0.0.1:1/db",
		"postgres://u:${DB_PASSWORD}@127.0.0.1:1/db",
		"postgres://u:hunter2@127.0.0.1:1/db",
		"postgres://u:hunter2@127.0.0.1:1/db?sslmode=sometimes",
		"postgres://u:hunter2@127.0.0.1:1/db?pool_max_conns=many&password=hunter3",
		"postgres:u:hunter2@127.0.0.1/db",
		"POSTGRES://u:hunter2@127.0.0.1:1/db",
		"host=127.0.0.1 port=1 user=u password=hunter2",
		"host=127.0.0.1 port=1 user=u password='hunter2 : hunter3'",
	} {
		folder := t.TempDir()
		text := "database: \"" + address + "\"\nlisten: 127.0.0.1:0\n"
		if err := os.WriteFile(filepath.Join(folder, "doorstep.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"check", "check --online", "serve", "migrate", "case KN-1", "backup -", "config show --effective"} {
			out, errs, code := runIn(t, folder, command)
			if strings.Contains(out+errs, "hunter") {
				t.Errorf("%s with %s shows a part of the password:\n%s%s", command, address, out, errs)
			}
			if code == exitDone && command != "check" && !strings.HasPrefix(command, "config") { // which looks at no database that is elsewhere
				t.Errorf("%s with %s: exit 0, want a failure: there is no such database", command, address)
			}
		}
	}
}
