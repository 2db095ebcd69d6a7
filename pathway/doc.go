// Package pathway is the domain: cases and what happens on them, the duties
// that guidance lays on people when a child could not be seen, the clocks those
// duties run on, the ladders by which people are told, and what goes through a
// family's door or into the post.
//
// It promises that the same case, events, pathways and calendar always give the
// same duties, in the same order, and that every due time can say in words why
// it is what it is. The same holds for paper. Which events stand, and in which
// order they are taken, history.go alone says. The package never reads a clock, a
// database, a file or the network: whatever it needs to know is an argument.
//
// The agreed reading of the guidance is kept with each pathway file in
// configs/pathways; clause texts there quote their source.
package pathway
