// Package datadir keeps a directory of database files: one process holds it at a
// time, a small file says that a journal once was there, and what is written into
// it is whole or not there after a power cut. It knows nothing of what the files
// hold.
package datadir
