// pool: a pool of workers on Go's crypto/tls, as one would write it: a handshake with each target, its certificates
// parsed, a line of JSON written for each.
//
//	pool TARGETS WORKERS OUTPUT
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

type result struct {
	Target  string   `json:"target"`
	Version uint16   `json:"version,omitempty"`
	Suite   string   `json:"suite,omitempty"`
	Leaf    string   `json:"leaf,omitempty"`
	Subject string   `json:"subject,omitempty"`
	Names   []string `json:"names,omitempty"`
	Error   string   `json:"error,omitempty"`
}

var seenEnough = errors.New("seen enough")

func ask(target string) result {
	found := result{Target: target}
	config := &tls.Config{
		InsecureSkipVerify: true,
		MaxVersion:         tls.VersionTLS12,
		VerifyConnection: func(state tls.ConnectionState) error {
			leaf := state.PeerCertificates[0]
			sum := sha256.Sum256(leaf.Raw)
			found.Version, found.Suite = state.Version, tls.CipherSuiteName(state.CipherSuite)
			found.Leaf, found.Subject, found.Names = hex.EncodeToString(sum[:]), leaf.Subject.String(), leaf.DNSNames
			return seenEnough
		},
	}
	connection, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		found.Error = err.Error()
		return found
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if err := tls.Client(connection, config).Handshake(); err != nil && !errors.Is(err, seenEnough) && found.Leaf == "" {
		found.Error = err.Error()
	}
	return found
}

func main() {
	workers, _ := strconv.Atoi(os.Args[2])
	list, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	file, err := os.Create(os.Args[3])
	if err != nil {
		panic(err)
	}
	targets, results := make(chan string, workers), make(chan result, workers)
	go func() {
		for lines := bufio.NewScanner(list); lines.Scan(); {
			targets <- lines.Text()
		}
		close(targets)
	}()
	var busy sync.WaitGroup
	for i := 0; i < workers; i++ {
		busy.Add(1)
		go func() {
			defer busy.Done()
			for target := range targets {
				results <- ask(target)
			}
		}()
	}
	go func() { busy.Wait(); close(results) }()
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	for found := range results {
		encoder.Encode(found)
	}
	out.Flush()
	file.Close()
}
