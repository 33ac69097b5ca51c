// Package record writes and reads the values that an engine stores, and the parts
// that keys are made of. record.proto specifies both; this package is the same by
// hand, because a scan of a million deals must not allocate: strings can be lent
// from the stored bytes, and slices are used again. A test holds the two together.
//
// A value is a header with a checksum over key and message ([Header], [Seal],
// [Open]), and a message of protobuf fields: a function Append… for each record
// appends the message, a method of [Walk] with the record's name reads it.
//
// The package knows no engine. Where something is stored, and what an error of
// reading means, is for the engine to say.
package record
