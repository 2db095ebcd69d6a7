package pathway

import "testing"

func TestStaffAreCalledByNameAndId(t *testing.T) {
	names := StaffNames{"P2": "Worker Two", "P3": "", "P4": "P4", "": "Nobody"}
	for id, want := range map[string]string{"P2": "Worker Two (P2)", "P3": "P3", "P4": "P4", "P9": "P9", "": ""} {
		if got := names.Of(id); got != want {
			t.Errorf("%q is called %q, want %q", id, got, want)
		}
	}
	if got := StaffNames(nil).Of("P2"); got != "P2" {
		t.Errorf("without any names P2 is called %q, want P2", got)
	}
}
