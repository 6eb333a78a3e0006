// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"
)

const (
	// mostParts is how many parts an object may have.
	mostParts = 10000
	mebibyte  = 1 << 20
)

// putParts sends a large file in parts, beginning with those that an interrupted
// run did not get to. A run that cannot end what another began, because the file
// has changed since, begins anew.
func (r *run) putParts(ctx context.Context, key string, contents io.ReaderAt, size int64, sum string, options minio.PutObjectOptions) error {
	upload, err := r.unfinished(ctx, key)
	if err != nil {
		return err
	}
	if upload != "" {
		err := r.sendParts(ctx, key, upload, contents, size, options)
		if err == nil {
			var there bool
			if there, err = r.has(ctx, key, size, sum); there {
				return nil
			}
		}
		if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchUpload {
			return err
		}
	}
	if upload, err = r.Client.NewMultipartUpload(ctx, r.Bucket, key, options); err != nil {
		return err
	}
	if err := r.sendParts(ctx, key, upload, contents, size, options); err != nil {
		return err
	}
	// What was sent may have changed since it was summed.
	if now, err := digest(contents, size); err != nil || now != sum {
		return errors.Join(err, errChanged)
	}
	return nil
}

// unfinished returns the upload of a key that an interrupted run left behind.
func (r *run) unfinished(ctx context.Context, key string) (string, error) {
	list, err := r.Client.ListMultipartUploads(ctx, r.Bucket, key, "", "", "", 1000)
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchUpload, minio.NotImplemented:
		return "", nil // there is none, or none that this endpoint could tell of
	}
	if err != nil {
		return "", err
	}
	for _, upload := range list.Uploads {
		if upload.Key == key {
			return upload.UploadID, nil
		}
	}
	return "", nil
}

// sendParts sends the parts that the bucket does not have, and makes them one object.
func (r *run) sendParts(ctx context.Context, key, upload string, contents io.ReaderAt, size int64, options minio.PutObjectOptions) error {
	there, err := r.parts(ctx, key, upload)
	if err != nil {
		return err
	}
	length := partSize(size, r.PartSize)
	var parts []minio.CompletePart
	for offset := int64(0); offset < size; offset += length {
		number, n := len(parts)+1, min(length, size-offset)
		md5Sum, shaSum, err := sums(contents, offset, n)
		if err != nil {
			return err
		}
		etag := hex.EncodeToString(md5Sum)
		if part, ok := there[number]; !ok || part.Size != n || !strings.EqualFold(strings.Trim(part.ETag, `"`), etag) {
			sent, err := r.Client.PutObjectPart(ctx, r.Bucket, key, upload, number, io.NewSectionReader(contents, offset, n), n, minio.PutObjectPartOptions{
				Md5Base64: base64.StdEncoding.EncodeToString(md5Sum), Sha256Hex: hex.EncodeToString(shaSum), DisableContentSha256: true,
			})
			if err != nil {
				return err
			}
			r.sent.Add(1)
			etag = sent.ETag
		} else {
			etag = part.ETag
		}
		parts = append(parts, minio.CompletePart{PartNumber: number, ETag: etag})
	}
	_, err = r.Client.CompleteMultipartUpload(ctx, r.Bucket, key, upload, parts, minio.PutObjectOptions{ServerSideEncryption: options.ServerSideEncryption})
	return err
}

// parts returns the parts of an upload that the bucket has, by number.
func (r *run) parts(ctx context.Context, key, upload string) (map[int]minio.ObjectPart, error) {
	there := map[int]minio.ObjectPart{}
	for marker := 0; ; {
		list, err := r.Client.ListObjectParts(ctx, r.Bucket, key, upload, marker, 1000)
		if err != nil {
			return nil, err
		}
		for _, part := range list.ObjectParts {
			there[part.PartNumber] = part
		}
		if !list.IsTruncated || list.NextPartNumberMarker <= marker {
			return there, nil
		}
		marker = list.NextPartNumberMarker
	}
}

// partSize returns the size of a file's parts: more than the usual where those
// would be too many.
func partSize(size, usual int64) int64 {
	least := (size + mostParts - 1) / mostParts
	least = (least + mebibyte - 1) / mebibyte * mebibyte
	return max(usual, least)
}
