// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"

	"github.com/minio/minio-go/v7"

	"werkplek.dev/werkplek/internal/export/report"
)

// mismatch reports whether the bucket got something else than what was summed.
func mismatch(err error) bool {
	switch minio.ToErrorResponse(err).Code {
	case "BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "IncompleteBody":
		return true
	}
	return false
}

// Explain puts into a report why a copy failed: whose work it is to mend that,
// and how.
func Explain(r report.Report, err error, endpoint, bucket string) report.Report {
	r.SHA256 = ""
	r.Reason, r.Message = explain(err, endpoint, bucket)
	return r
}

func explain(err error, endpoint, bucket string) (reason, message string) {
	var changing *changingError
	var answer minio.ErrorResponse
	var dial *net.OpError
	var request *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return report.Interrupted, "the copy was interrupted; it goes on where it stopped"
	case errors.As(err, &changing):
		return report.InUse, changing.Error()
	case errors.As(err, &answer):
		return refused(answer, endpoint, bucket)
	case errors.As(err, &dial), errors.As(err, &request):
		return report.EndpointUnreachable, fmt.Sprintf("%s cannot be reached: %v; check destination.s3.endpoint, and whether the export's pods may reach it", endpoint, err)
	case errors.Is(err, fs.ErrPermission):
		return report.Unreadable, fmt.Sprintf("the home cannot be read: %v; mend its permissions", err)
	default:
		return report.Failed, "the copy failed: " + err.Error()
	}
}

func refused(answer minio.ErrorResponse, endpoint, bucket string) (reason, message string) {
	said := answer.Code
	if answer.Message != "" {
		said += ": " + answer.Message
	}
	switch answer.Code {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "InvalidSecurity", "AuthFailure", "TokenRefreshRequired":
		return report.CredentialsRefused, fmt.Sprintf("%s refuses the credentials (%s): make the Secret anew with the right accessKeyID and secretAccessKey", endpoint, said)
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return report.CredentialsRefused, fmt.Sprintf("%s does not let these credentials list, read and write bucket %s (%s): give them those rights", endpoint, bucket, said)
	case "NoSuchBucket":
		return report.BucketNotFound, fmt.Sprintf("%s has no bucket %s: create it, or make another DataExport", endpoint, bucket)
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "MovedPermanently", "TemporaryRedirect":
		if answer.Region != "" {
			said += ", region " + answer.Region
		}
		return report.EndpointRefused, fmt.Sprintf("%s wants another endpoint or region (%s): make another DataExport with the right destination.s3.endpoint and region", endpoint, said)
	case "RequestTimeTooSkewed":
		return report.EndpointRefused, fmt.Sprintf("%s finds the clock of the node wrong (%s)", endpoint, said)
	default:
		return report.EndpointRefused, fmt.Sprintf("%s answered %s", endpoint, said)
	}
}
