package row

import "slices"

// Link is one end of an association.
type Link struct {
	ID    ID `json:"toObjectId"`
	Types []struct {
		Label Text `json:"label"`
	} `json:"associationTypes"`
}

// LinkIDs lists the ids of the far ends, sorted, each once.
func LinkIDs(list []Link) []string {
	var out []string
	for _, l := range list {
		if l.ID != "" {
			out = append(out, string(l.ID))
		}
	}
	slices.SortFunc(out, ByNumber)
	return slices.Compact(out)
}
