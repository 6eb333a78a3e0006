// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// defaultRegion is what endpoints understand that know no regions. Asking the
// endpoint would take a right that a bucket's user need not have.
const defaultRegion = "us-east-1"

// maxRetries of one request, within some seconds; after that the whole copy is
// tried again later.
const maxRetries = 5

// Endpoint is an S3 API and the credentials for it.
type Endpoint struct {
	URL             string
	Region          string
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	// CACertificate, PEM, of an endpoint that no public authority vouches for.
	CACertificate string
}

// Connect returns a client; it sends nothing yet.
func (e Endpoint) Connect() (*minio.Core, error) {
	at, err := url.Parse(e.URL)
	if err != nil || at.Host == "" || at.Path != "" && at.Path != "/" {
		return nil, fmt.Errorf("the endpoint %q is not a URL of a scheme and a host, such as https://s3.example.com", e.URL)
	}
	if e.AccessKeyID == "" || e.SecretAccessKey == "" {
		return nil, errors.New("there are no credentials: an access key and its secret are needed")
	}
	secure := at.Scheme == "https"
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	if e.CACertificate != "" {
		trusted := x509.NewCertPool()
		if !trusted.AppendCertsFromPEM([]byte(e.CACertificate)) {
			return nil, errors.New("the CA certificate is not PEM")
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted}
	}
	// Nobody's environment decides where data goes.
	transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	region := e.Region
	if region == "" {
		region = defaultRegion
	}
	return minio.NewCore(at.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(e.AccessKeyID, e.SecretAccessKey, e.SessionToken),
		Secure: secure, Region: region, Transport: transport, MaxRetries: maxRetries,
	})
}
