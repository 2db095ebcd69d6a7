package govuk

import "testing"

func TestTextMeansWhatItSays(t *testing.T) {
	tests := []struct{ story, text, want string }{
		{"plain words", "Due now: see the child again, KN-1 (W1).", "Due now: see the child again, KN-1 (W1)."},
		{"a heading", "# Act now", `\# Act now`},
		{"an underlined heading", "Act now\n=======\nb", "Act now\n\nb"},
		{"another", "Act now\n-------", "Act now\n\\-------"},
		{"a digest's section", "== Overdue (2)", "== Overdue (2)"},
		{"lists", "- a\n+ b\n* c\n• d\n1. e\n12. f", "\\- a\n\\+ b\n\\* c\n· d\n1\\. e\n12\\. f"},
		{"a quotation", "^ a", "ˆ a"},
		{"a rule", "---", `\---`},
		{"a rule of another kind", "***", `\*\*\*`},
		{"a link", "[the case](https://evil.example)", `\[the case\](https://evil.example)`},
		{"a link by name", "[the case][1]\n[1]: https://evil.example", "\\[the case\\]\\[1\\]\n\\[1\\]: https://evil.example"},
		{"a picture", "![a](b)", `!\[a\](b)`},
		{"a table", "a | b\n--|--\nc | d", "a \\| b\n\\--\\|--\nc \\| d"},
		{"code", "```\na\n```", "\\`\\`\\`\na\n\\`\\`\\`"},
		{"a block that is set in", "    a\n\tb", "a\nb"},
		{"emphasis", "_a_ *b* ~~c~~", `\_a\_ \*b\* \~\~c\~\~`},
		{"a backslash", `a\[b`, `a\\\[b`},
		{"a web address stays whole", "Open: https://doorstep.example/cases/KN_1*a_b now_", `Open: https://doorstep.example/cases/KN_1*a_b now\_`},
		{"a web address first", "https://doorstep.example/a_b", "https://doorstep.example/a_b"},
		{"paragraphs", "\na\n\nb\n", "a\n\nb"},
		{"folded lines",
			"Attempt 1. Why this time: 24 hours from the unsuccessful visit on Sun 6\nSeptember, 03:30. From the guidance: Knowsley No Access Visit Guidance,\n3.2\n",
			"Attempt 1. Why this time: 24 hours from the unsuccessful visit on Sun 6 September, 03:30. From the guidance: Knowsley No Access Visit Guidance, 3.2"},
		{"lines that only follow each other", "Doorstep, Health Visiting Service, Swindon Borough Council\nSent automatically.",
			"Doorstep, Health Visiting Service, Swindon Borough Council\nSent automatically."},
		{"folded lines that are set in", "  1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 123\n  12345\nb",
			"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 123 12345\nb"},
		{"a figure that was folded", "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345\n2.",
			"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345 2."},
	}
	for _, test := range tests {
		if got := plain(test.text); got != test.want {
			t.Errorf("%s: %q becomes\n%q, want\n%q", test.story, test.text, got, test.want)
		}
	}
}
