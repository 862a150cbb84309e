// Command verifier checks a Fumikura ledger without any of Fumikura's code:
// it uses only golang.org/x/mod's note and tlog packages and Go's library.
//
//	verifier tree  VKEY DIR               a plain tlog-tiles tree, fully
//	verifier proof VKEY FILE ENTRY        a tlog-proof of the entry's bytes
//
// VKEY is a verifier key, or @FILE that holds one. docs/ledger-format.md says
// what is checked. Exit status: 0 verified, 1 not, 2 usage.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A checkpoint as signed: c2sp.org/tlog-checkpoint.
type checkpoint struct {
	size int64
	root tlog.Hash
}

func openCheckpoint(msg []byte, vkey string) (*checkpoint, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return nil, errors.New("the checkpoint is malformed or of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 {
		return nil, errors.New("the checkpoint's size is malformed")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	return &checkpoint{size, root}, nil
}

// tilePath names a tile in c2sp.org/tlog-tiles; row < 0 is an entry bundle.
func tilePath(row int, n int64, width int) string {
	parts := []string{fmt.Sprintf("%03d", n%1000)}
	for n /= 1000; n > 0; n /= 1000 {
		parts = append([]string{fmt.Sprintf("x%03d", n%1000)}, parts...)
	}
	kind := "entries"
	if row >= 0 {
		kind = strconv.Itoa(row)
	}
	path := "tile/" + kind + "/" + strings.Join(parts, "/")
	if width < 256 {
		path += ".p/" + strconv.Itoa(width)
	}
	return path
}

// bundleLeaves gives the leaf hashes of one bundle's entries.
func bundleLeaves(data []byte) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errors.New("bundle cut short")
		}
		n := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+n {
			return nil, errors.New("bundle cut short")
		}
		hashes = append(hashes, tlog.RecordHash(data[2:2+n]))
		data = data[2+n:]
	}
	return hashes, nil
}

// treeHash is RFC 6962's MTH of subtree roots that all have the same height.
func treeHash(h []tlog.Hash) tlog.Hash {
	if len(h) == 1 {
		return h[0]
	}
	k := 1
	for 2*k < len(h) {
		k *= 2
	}
	return tlog.NodeHash(treeHash(h[:k]), treeHash(h[k:]))
}

// tileReader lets x/mod's tlog compute the root from the tiles by itself.
type tileReader struct{ dir string }

func (r *tileReader) Height() int { return 8 }

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(r.dir, tilePath(t.L, t.N, t.W)))
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, errors.New("tile too short")
		}
		all = append(all, data[:t.W*tlog.HashSize])
	}
	return all, nil
}

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// verifyTree hashes every entry, compares every tile, and the root twice:
// by its own recursion and by x/mod's tlog from the tiles.
func verifyTree(vkey, dir string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	c, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	var row []tlog.Hash
	files := 0
	for n := int64(0); n*256 < c.size; n++ {
		width := 256
		if c.size-n*256 < 256 {
			width = int(c.size - n*256)
		}
		path := tilePath(-1, n, width)
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		hashes, err := bundleLeaves(data)
		if err != nil || len(hashes) != width {
			return fmt.Errorf("%s: wrong number of entries", path)
		}
		row = append(row, hashes...)
		files++
	}
	for level := 0; len(row) > 0; level++ {
		var above []tlog.Hash
		for at := 0; at < len(row); at += 256 {
			end := at + 256
			if end > len(row) {
				end = len(row)
			}
			var want []byte
			for _, h := range row[at:end] {
				want = append(want, h[:]...)
			}
			path := tilePath(level, int64(at/256), end-at)
			got, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return fmt.Errorf("%s: not what the entries say", path)
			}
			if end-at == 256 {
				above = append(above, treeHash(row[at:end]))
			}
			files++
		}
		row = above
	}
	if c.size > 0 {
		tree := tlog.Tree{N: c.size, Hash: c.root}
		reader := tlog.TileHashReader(tree, &tileReader{dir})
		root, err := tlog.TreeHash(c.size, reader)
		if err != nil {
			return err
		}
		if root != c.root {
			return errors.New("the root is not what was signed")
		}
	} else if c.root != sha256.Sum256(nil) {
		return errors.New("the empty tree's root is SHA-256 of nothing")
	}
	fmt.Printf("verified %d entries, %d files, root %s\n", c.size, files, c.root)
	return nil
}

// verifyProof checks a c2sp.org/tlog-proof@v1 of one entry.
func verifyProof(vkey, file, entryFile string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	head, msg, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return errors.New("no empty line")
	}
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof@v1")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.DecodeString(lines[0][6:]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][6:], 10, 64)
	if err != nil || index < 0 {
		return errors.New("index malformed")
	}
	var p tlog.RecordProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		p = append(p, h)
	}
	c, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	if index >= c.size {
		return errors.New("the entry is past the checkpoint")
	}
	err = tlog.CheckRecord(p, c.size, c.root, index, tlog.RecordHash(entry))
	if err != nil {
		return err
	}
	fmt.Printf("entry %d is in the log of %d entries\n", index, c.size)
	return nil
}

func main() {
	args := os.Args[1:]
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verifier tree VKEY DIR | verifier proof VKEY FILE ENTRY")
		os.Exit(2)
	}
	vkey := args[1]
	if strings.HasPrefix(vkey, "@") {
		text, err := os.ReadFile(vkey[1:])
		if err != nil {
			fmt.Fprintln(os.Stderr, "verifier:", err)
			os.Exit(1)
		}
		vkey = strings.TrimSuffix(string(text), "\n")
	}
	var err error
	switch {
	case args[0] == "tree" && len(args) == 3:
		err = verifyTree(vkey, args[2])
	case args[0] == "proof" && len(args) == 4:
		err = verifyProof(vkey, args[2], args[3])
	default:
		err = errors.New("unknown command")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(1)
	}
}
