package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// files lists a folder.
func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// TestAMistypedDatabaseIsNotSilentlyANewOne: serve does not begin with no cases where the
// configuration says which database is meant; migrate makes one. Where it does not say,
// the built-in one is made at the first start.
func TestAMistypedDatabaseIsNotSilentlyANewOne(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	for _, there := range []string{"nothing", "an empty file"} {
		folder := t.TempDir()
		file := filepath.Join(folder, "dorstep.db")
		want, says := []string(nil), "there is no database "+file+": if it is to be a new one, doorstep migrate makes it"
		if there == "an empty file" {
			want, says = []string{"dorstep.db"}, "the file "+file+" is empty, and no database: if it is to become one, doorstep migrate makes it"
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d := newDaemon(t, buildBinary(t), "sqlite:"+file, server)
		if _, errs, code := d.try("serve"); code != exitFailed || !strings.Contains(errs, says) {
			t.Errorf("where %s lies serve exits %d and says %q, want exit %d and %q", there, code, errs, exitFailed, says)
		}
		if got := files(t, folder); !slices.Equal(got, want) {
			t.Errorf("where %s lay there are now %q, want %q", there, got, want)
		}
		d.command("migrate")
		p := d.start()
		if code, log := p.stop(); code != exitDone {
			t.Errorf("after migrate serve stops with exit %d and %s", code, log)
		}
	}

	unnamed := newDaemon(t, buildBinary(t), "unused", server)
	unnamed.write("doorstep.yaml", strings.Replace(unnamed.configuration(), `database: "unused"`+"\n", "", 1))
	p := unnamed.start()
	if _, log := p.stop(); !strings.Contains(log, "made the database") {
		t.Errorf("serve does not say that it made a database:\n%s", log)
	}
	if !slices.Contains(files(t, unnamed.folder), "doorstep.db") {
		t.Error("the built-in database was not made at the first start")
	}
}

// TestARestoreTakesNothingOverFromAnEarlierDatabase: whoever moves only the file away and
// restores gets what the backup holds, and what SQLite had left beside it is kept apart.
func TestARestoreTakesNothingOverFromAnEarlierDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "doorstep.db")
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, "sqlite:"+file, server)
	d.opened("KN-1", time.Minute)
	backup := filepath.Join(d.folder, "backup")
	d.command("backup", backup)
	p := d.start()
	d.opened("KN-2", time.Minute)
	d.await("the emails about both cases", func() bool { return about(server, "KN-1") >= 2 && about(server, "KN-2") >= 2 })
	p.kill()
	if got := files(t, folder); !slices.Contains(got, "doorstep.db-wal") {
		t.Fatalf("a daemon that was killed leaves %q, want a -wal among them", got)
	}
	move(t, file, file+".away")

	_, errs, code := d.try("restore", backup)
	if code != exitDone || !strings.Contains(errs, file+"-wal.old now") {
		t.Errorf("restore exits %d and says %q, want exit 0 and where the -wal lies", code, errs)
	}
	if n := d.rows("cases"); n != 1 {
		t.Errorf("after the restore there are %d cases, want the one in the backup", n)
	}
	// What was set aside is whole: beside its own file it tells of both cases.
	move(t, file+"-wal.old", file+".away-wal")
	if n := count(t, "sqlite:"+file+".away", "SELECT count(*) FROM cases"); n != 2 {
		t.Errorf("the database that was moved away has %d cases, want both", n)
	}
	p = d.start()
	d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
	d.end(p)
}

// TestAFileThatIsSwappedUnderTheDaemonIsHeardOf: what is wrong stands in /readyz and the
// log, and operations are told. After a start it works with the new file.
func TestAFileThatIsSwappedUnderTheDaemonIsHeardOf(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "doorstep.db")
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, "sqlite:"+file, server)
	backup := filepath.Join(d.folder, "backup")
	d.command("backup", backup)
	p := d.start()
	for _, ending := range []string{"", "-wal", "-shm"} {
		move(t, file+ending, file+".away"+ending)
	}
	d.command("restore", backup)
	d.await("readiness to end", func() bool { status, _ := d.get("/readyz"); return status == 503 })
	d.await("operations to be told", func() bool { return about(server, "the database cannot be used") == 1 })
	if text := wordsOf(t, emailsTo(server, "operations@council.example")[0]); !strings.Contains(text, "the database file was replaced by another") {
		t.Errorf("operations are told %q, want what happened to the file", text)
	}
	if code, log := p.stop(); code != exitDone || !strings.Contains(log, "the database file was replaced by another") {
		t.Errorf("serve stops with exit %d and logs\n%s\nwant what happened to the file", code, log)
	}
	d.opened("KN-1", time.Minute)
	d.start()
	d.await("the emails about a case in the new file", func() bool { return about(server, "KN-1") == 2 })
}

// smallDisk is a folder on a disk of its own of so many bytes.
func smallDisk(t *testing.T, bytes string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+bytes); err != nil {
		t.Skipf("no disk of its own can be had for this: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// fill writes a file until the disk takes no more.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestADiskThatIsFull: a daemon whose disk fills up says so, in its log, in /readyz and
// to operations. Nothing that is handed over meanwhile is lost or said twice, and all
// goes on once there is room.
func TestADiskThatIsFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "8m")
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, "sqlite:"+filepath.Join(disk, "doorstep.db"), server)
	d.opened("KN-1", time.Minute)
	p := d.start()
	d.await("the emails about the first case", func() bool { return about(server, "KN-1") == 2 })

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	const full = "the disk is full"
	d.await("readiness to end", func() bool {
		status, body := d.get("/readyz")
		return status == 503 && strings.Contains(body, full)
	})
	d.handOver("cases.csv", "ref,pathway,opened_at,practitioner,manager,team\nKN-2,csc-section-47,"+ago(time.Minute)+",W1,G1,East\n")
	if _, errs, code := d.try("import", "cases", d.write("more.csv", "ref,pathway,opened_at,practitioner,manager,team\nKN-3,csc-section-47,"+ago(time.Minute)+",W1,G1,East\n")); code != exitFailed || !strings.Contains(errs, full) {
		t.Errorf("import exits %d and says %q, want exit %d and %q", code, errs, exitFailed, full)
	}
	d.await("operations to be told", func() bool { return about(server, "the database cannot be used") == 1 })
	if text := wordsOf(t, emailsTo(server, "operations@council.example")[0]); !strings.Contains(text, full) {
		t.Errorf("operations are told %q, want %q", text, full)
	}
	if !d.lies("cases.csv") {
		t.Error("the file that was handed over lies in the inbox no more")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
	d.await("the emails about the case that was handed over", func() bool { return about(server, "KN-2") == 2 })
	d.command("import", "cases", filepath.Join(d.folder, "more.csv"))
	d.await("the emails about the case that was imported in vain", func() bool { return about(server, "KN-3") == 2 })
	code, log := p.stop()
	if code != exitDone || !strings.Contains(log, full) {
		t.Errorf("serve stops with exit %d and logs\n%s\nwant it to say %q", code, log, full)
	}
	if twice := server.Count() - len(server.TakenByID()); twice != 0 || about(server, "KN-1") != 2 {
		t.Errorf("%d emails came twice, and %d about the first case; want none and 2", twice, about(server, "KN-1"))
	}
}
