package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// A deal names its record type by id, and the API name of the record type, which is the
// deal's pipeline, comes from describe: the object RecordType may be hidden from a login
// that sees all deals. An id that describe did not tell yet is asked for at once. If
// describe does not tell it then, the pipeline of the deal is unclear.

// errRecordType says that an answer names a record type that describe may tell by now.
var errRecordType = errors.New("a record type that is not known")

// pipeline returns the pipeline of a row. A record type without a name is an odd value.
func (m *mapping) pipeline(r *row.Row) string {
	column := m.at("pipeline")
	text := r.Text(column)
	if m.types == nil || text == "" {
		return text
	}
	id, _ := row.LongID(text)
	name, ok := m.types[id]
	if !ok {
		r.Fail(column)
	}
	return name
}

// recordType notes the record type of a row if it has no name.
func (c *reading) recordType(r *row.Row) {
	if c.mapping.types == nil || !r.IsOdd(c.mapping.at("pipeline")) {
		return
	}
	if id, ok := row.LongID(r.Text(c.mapping.at("pipeline"))); ok {
		c.types = append(c.types, id)
	}
}

// strange returns an error if the rows name record types that were not asked for yet.
func (r *reader) strange(in *reading) error {
	for _, id := range in.types {
		if _, asked := r.c.Run.Types[id]; !asked {
			return recordTypesError(in.types)
		}
	}
	return nil
}

// recordTypesError is an errRecordType with the ids.
type recordTypesError []string

func (recordTypesError) Error() string        { return errRecordType.Error() }
func (recordTypesError) Is(target error) bool { return target == errRecordType }

// learn describes the object anew if err names record types that are not known.
func (r *reader) learn(ctx context.Context, err error) (learned bool, _ error) {
	var ids recordTypesError
	if !errors.As(err, &ids) {
		return false, err
	}
	object := r.part().object
	if _, err := r.s.schema.Anew(ctx, object); err != nil {
		return false, err
	}
	v, err := r.s.see(ctx, r.st)
	switch {
	case err != nil:
		return false, err
	case v[r.c.Run.Part].object == nil:
		return false, r.s.schema.NoObject(object)
	}
	r.sights = v
	types := r.sight().mapping.types
	var late []string
	for _, id := range ids {
		if r.c.Run.KnowType(id, types[id]); types[id] != "" && !slices.Contains(late, types[id]) {
			late = append(late, types[id])
		}
	}
	if len(late) > 0 { // the stages may have been read without theirs
		r.note = fmt.Sprintf("Salesforce told the record types %s only when it was asked again, so their stages are read by the next run; nothing has to be done", strings.Join(late, ", "))
	}
	return true, nil
}

// types returns the names of the record types that the rows of a stream are read with.
func types(sights []sight) map[string]string {
	for _, v := range sights {
		if v.mapping != nil && len(v.mapping.types) > 0 {
			return v.mapping.types
		}
	}
	return nil
}
