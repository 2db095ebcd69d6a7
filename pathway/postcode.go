package pathway

import "strings"

// postcodeAreas are the letters with which postcodes begin: those of Royal Mail with the
// Channel Islands and the Isle of Man, as GOV.UK Notify takes them. GIR is of one
// postcode only, GIR 0AA.
var postcodeAreas = func() map[string]bool {
	areas := map[string]bool{}
	for area := range strings.FieldsSeq(`AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL
		DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU
		M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY
		TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE`) {
		areas[area] = true
	}
	return areas
}()

// IsPostcodeArea reports whether postcodes begin with these letters.
func IsPostcodeArea(letters string) bool { return postcodeAreas[strings.ToUpper(letters)] }
