package digest

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tighten-iam/tighten/internal/args"
)

// Keys are public keys by their fingerprints. Each region has its own, and new ones
// come from time to time.
type Keys struct{ byFingerprint map[string]*rsa.PublicKey }

// ParseKeys reads the output of `aws cloudtrail list-public-keys`, or several of them
// one after the other (one for each region). An answer without keys is an error, since
// it verifies nothing: that command lists only the keys of now unless it is given
// --start-time.
func ParseKeys(data []byte) (*Keys, error) {
	k := &Keys{map[string]*rsa.PublicKey{}}
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if err == io.EOF {
			break
		}
		f := fields{}
		if err != nil || !args.Members(raw, func(key, value []byte) { f[string(key)] = value }) {
			return nil, errors.New("public keys: no output of aws cloudtrail list-public-keys (a JSON object with PublicKeyList)")
		}
		if err := k.answer(f); err != nil {
			return nil, err
		}
	}
	if len(k.byFingerprint) == 0 {
		return nil, errors.New("public keys: the file holds none; give aws cloudtrail list-public-keys the --start-time and --end-time of the logs, in each region")
	}
	return k, nil
}

// answer takes the keys of one answer. The user guide's sample calls the list
// "publicKeyList", and the AWS CLI "PublicKeyList".
func (k *Keys) answer(f fields) error {
	raw := f["PublicKeyList"]
	if raw == nil {
		raw = f["publicKeyList"]
	}
	var err error
	whole := args.Elements(raw, func(element []byte) {
		e := fields{}
		args.Members(element, func(key, value []byte) { e[string(key)] = value })
		key, wrong := publicKey(e.text("Value"))
		switch {
		case wrong != nil:
			err = fmt.Errorf("public keys: a Value is no RSA key in DER: %w", wrong)
		case e.text("Fingerprint") == "":
			err = errors.New("public keys: a key has no Fingerprint")
		default:
			k.byFingerprint[e.text("Fingerprint")] = key
		}
	})
	if !whole {
		return errors.New("public keys: no PublicKeyList; give the output of aws cloudtrail list-public-keys")
	}
	return err
}

// publicKey reads base64 of DER: PKCS #1, as the API documents it, or X.509
// SubjectPublicKeyInfo, as one key of the user guide's sample is.
func publicKey(text string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	other, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	if key, ok := other.(*rsa.PublicKey); ok {
		return key, nil
	}
	return nil, errors.New("another kind of key")
}

// Len is the number of keys.
func (k *Keys) Len() int {
	if k == nil {
		return 0
	}
	return len(k.byFingerprint)
}
