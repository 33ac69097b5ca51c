// Package datadir keeps the directory of the database files: one process holds the
// directory at a time ([Take]), a small file says that there was a journal in it
// ([Identity]), and a file that is written there is whole or absent after a power cut.
// The content of the database files is package bolt's.
package datadir
