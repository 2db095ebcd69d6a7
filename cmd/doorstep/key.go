package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func keyCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Look at the installation's key, or make a new one",
		Long: `The installation's key proves that an email that comes back, or an answer by text,
is about a message of ours. It is made when "doorstep serve" starts for the first
time and lies beside the database (origin_key_file), or stands in the configuration
(origin_key). Keys are never shown, only their fingerprints.`,
	}
	var lost bool
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "Put a new key on top of the others",
		Long: `Puts a new key on top of those in the key file. What was made with the older ones
is still recognised for as long as they stand in it: they can be taken out a
fortnight later, or at once where somebody else has got hold of one. Restart the
daemon afterwards; where there are several, copy the file to each first.

With --lost it makes a new key where the file is gone and no backup has it. What was
sent before is not recognised any more then: emails that come back stay in unread/,
and texts have to be answered in Doorstep.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withKeys(c, func(s *setup, db *store.Store) error { return s.rotateKey(c.Context(), db, lost, c.OutOrStdout()) })
		},
	}
	rotate.Flags().BoolVar(&lost, "lost", false, "the key is gone for good: begin with a new one")
	c.AddCommand(rotate, &cobra.Command{
		Use:   "show",
		Short: "Say where the key lies, and the fingerprints of the keys",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withKeys(c, func(s *setup, db *store.Store) error { return s.showKeys(c.Context(), db, c.OutOrStdout()) })
		},
	})
	return c
}

// withKeys is withStore for what reads the keys where they stand in the configuration.
func (o *options) withKeys(c *cobra.Command, do func(*setup, *store.Store) error) error {
	s, err := o.loadToSend("origin_key")
	if err != nil {
		return err
	}
	return s.withStore(c, store.MustBeCurrent, func(db *store.Store) error { return do(s, db) })
}

// readKeys reads the installation's keys from where they are, which it says in words;
// fs.ErrNotExist where there is no key file.
func (s *setup) readKeys() (keys origin.Keys, where string, err error) {
	if s.config.OriginKey.IsSet() {
		keys, err := origin.ParseKeys(s.config.OriginKey.Reveal())
		return keys, "origin_key of the configuration", err
	}
	path := s.config.OriginKeyPath()
	if path == "" {
		return origin.NewKeys(), "the memory of this process", nil
	}
	keys, err = origin.ReadFile(path)
	return keys, path, err
}

// adoptOrigin reads the keys that messages are made with, and makes them where the
// database has never seen any. It refuses keys that are not those of the database: what
// was sent before could not be recognised, and other daemons' messages neither.
func (s *setup) adoptOrigin(ctx context.Context, db *store.Store) (origin.Keys, error) {
	keys, where, err := s.readKeys()
	made := false
	if errors.Is(err, fs.ErrNotExist) {
		used, err := db.OriginKeys(ctx)
		if err != nil {
			return keys, err
		}
		if len(used) > 0 {
			return keys, badInput{keyMissing(where, used)}
		}
		if keys, made, err = origin.MakeFile(where); err != nil {
			return keys, err
		}
	} else if err != nil {
		return keys, badInput{err}
	}
	adopted, err := db.AdoptOrigin(ctx, now(), keys.Fingerprints(), false)
	if err == nil && adopted {
		return keys, nil
	}
	if made { // it was never used
		err = errors.Join(err, os.Remove(where))
	}
	used, readErr := db.OriginKeys(ctx)
	if err = errors.Join(err, readErr); err != nil {
		return keys, err
	}
	return keys, badInput{otherKey(where, keys, used)}
}

// checkOrigin reports what adoptOrigin would refuse, and changes nothing.
func (s *setup) checkOrigin(ctx context.Context, db *store.Store) error {
	used, err := db.OriginKeys(ctx)
	if err != nil || len(used) == 0 || s.config.KeepsOriginKey() && !s.config.OriginKey.IsSet() { // not read
		return err
	}
	keys, where, err := s.readKeys()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return keyMissing(where, used)
	case err != nil:
		return err
	case !slices.Contains(keys.Fingerprints(), newest(used)):
		return otherKey(where, keys, used)
	}
	return nil
}

func newest(used []store.OriginKey) string { return used[len(used)-1].Fingerprint }

const keyRemedy = `copy the key file from where Doorstep runs on this database already, or bring it back from a backup; where it is lost for good, "doorstep key rotate --lost" begins anew`

func keyMissing(where string, used []store.OriginKey) error {
	return fmt.Errorf("the installation's key is missing: there is no file %s, and this database's messages were made with the key %s: %s", where, newest(used), keyRemedy)
}

func otherKey(where string, keys origin.Keys, used []store.OriginKey) error {
	return fmt.Errorf("the key in %s (%s) is not the one that this database's messages were made with (%s): %s", where, keys.Fingerprints()[0], newest(used), keyRemedy)
}

// rotateKey puts a new key on top of those in the key file.
func (s *setup) rotateKey(ctx context.Context, db *store.Store, lost bool, out io.Writer) error {
	if s.config.KeepsOriginKey() {
		return pathway.NewProblem(pathway.Refused, `the key stands in the configuration (origin_key): put a new one ("openssl rand -hex 32") in front of the others there, and restart every daemon`)
	}
	if s.config.OriginKeyPath() == "" {
		return pathway.NewProblem(pathway.Refused, "a database in memory has no key file: use a database in a file")
	}
	keys, where, err := s.readKeys()
	missing := errors.Is(err, fs.ErrNotExist)
	used, usedErr := db.OriginKeys(ctx)
	switch {
	case usedErr != nil:
		return usedErr
	case err != nil && !missing:
		return badInput{err}
	case missing && len(used) > 0 && !lost:
		return badInput{keyMissing(where, used)}
	case !missing && len(used) > 0 && !lost && !slices.Contains(keys.Fingerprints(), newest(used)):
		return badInput{otherKey(where, keys, used)}
	}
	fresh := origin.NewKeys().With(keys)
	if err := origin.WriteFile(where, fresh); err != nil {
		return err
	}
	if _, err := db.AdoptOrigin(ctx, now(), fresh.Fingerprints(), lost); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s has a new key, %s\nOlder ones that are still recognised: %d\nNow give the file to every Doorstep on this database, and restart them.\n",
		where, fresh.Fingerprints()[0], len(fresh.Fingerprints())-1)
	return err
}

// showKeys says where the keys are and which the database knows.
func (s *setup) showKeys(ctx context.Context, db *store.Store, out io.Writer) error {
	keys, where, err := s.readKeys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return badInput{err}
	}
	used, usedErr := db.OriginKeys(ctx)
	if usedErr != nil {
		return usedErr
	}
	if err != nil {
		fmt.Fprintf(out, "there is no key file %s\n", where)
	} else {
		fmt.Fprintf(out, "in %s, the one in use first:\n", where)
	}
	for _, print := range keys.Fingerprints() {
		fmt.Fprintf(out, "  %s\n", print)
	}
	if len(used) == 0 {
		_, err := fmt.Fprintln(out, "the database has seen none: the first start of doorstep serve makes one")
		return err
	}
	fmt.Fprintln(out, "used by this database, the last first:")
	for _, k := range slices.Backward(used) {
		fmt.Fprintf(out, "  %s since %s\n", k.Fingerprint, k.Since.In(s.calendar.Location()).Format("2006-01-02 15:04"))
	}
	return s.checkOrigin(ctx, db)
}

// keysToBackUp are what a backup takes along: the keys of the key file. Those in the
// configuration are kept where the configuration is.
func (s *setup) keysToBackUp(ctx context.Context, db *store.Store, errs io.Writer) (string, error) {
	used, err := db.OriginKeys(ctx)
	if err != nil || len(used) == 0 {
		return "", err
	}
	if s.config.KeepsOriginKey() {
		_, err := fmt.Fprintln(errs, "the installation's key is not in this backup: it stands in the configuration (origin_key)")
		return "", err
	}
	keys, where, err := s.readKeys()
	if errors.Is(err, fs.ErrNotExist) {
		_, err := fmt.Fprintf(errs, "the installation's key is not in this backup: there is no file %s; keep it with the backup from where it is\n", where)
		return "", err
	}
	if err != nil {
		return "", badInput{err}
	}
	return keys.Text(), nil
}

// restoreKeys puts the keys that a backup brought into the key file, before what is
// there already.
func (s *setup) restoreKeys(ctx context.Context, db *store.Store, text string, errs io.Writer) error {
	used, err := db.OriginKeys(ctx)
	if err != nil || len(used) == 0 {
		return err
	}
	if text == "" || s.config.KeepsOriginKey() || s.config.OriginKeyPath() == "" {
		_, err := fmt.Fprintf(errs, "the installation's key has to be %s, which this backup does not bring: write it to origin_key, or %s\n", newest(used), keyRemedy)
		return err
	}
	keys, where, err := s.readKeys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return badInput{err}
	}
	if slices.Contains(keys.Fingerprints(), newest(used)) {
		return nil
	}
	brought, err := origin.ParseKeys(text)
	if err != nil {
		return fmt.Errorf("the key in the backup: %w", err)
	}
	return origin.WriteFile(where, brought.With(keys))
}
