// Package record writes and reads the values that an engine stores, and builds the
// keys. record.proto specifies both, and is what a newcomer opens first. The code is
// written by hand, because a scan of a million deals must not allocate: strings can be
// lent from the stored bytes, and slices are used again. A test compares the code with
// record.proto.
//
// A value is a header with a checksum over key and message ([Header], [Seal],
// [Open]), and a message of protobuf fields. For each record a function Append…
// appends the message, and a method of [Walk] with the record's name reads the message.
//
// The package knows no engine. The engine decides where a value is stored, and what an
// error of reading means.
package record
