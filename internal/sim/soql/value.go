package soql

import (
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// RESTTime is the layout of a time in REST: with an offset that has no colon.
const RESTTime = "2006-01-02T15:04:05.000-0700"

// JSON writes a value as the service does: numbers of double types always have a
// fraction, and datetimes have +0000.
func JSON(f *Field, v any) []byte {
	switch x := v.(type) {
	case nil:
		return []byte("null")
	case bool:
		return strconv.AppendBool(nil, x)
	case int:
		return strconv.AppendInt(nil, int64(x), 10)
	case float64:
		s := strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.ContainsRune(s, '.') {
			s += ".0"
		}
		return []byte(s)
	case crm.Date:
		return []byte(`"` + x.String() + `"`)
	case time.Time:
		return []byte(`"` + x.UTC().Format(RESTTime) + `"`)
	case string:
		return wire.Quote(x)
	}
	panic("sim: value of an unknown type in " + f.Name)
}
