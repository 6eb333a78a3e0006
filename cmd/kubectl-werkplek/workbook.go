// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// sheetRows is how many rows a sheet gets before the next is begun; the format
// holds 1,048,576.
const sheetRows = 1_000_000

// numeric are the columns that are written as numbers, so that a spreadsheet can
// add them up. Prices and amounts are exact decimals and stay text.
var numeric = map[string]bool{"Quantity": true, "Exempt": true, "Customers": true, "Cores": true, "Users": true, "Maximum Users": true, "Pack Size": true, "License Generation": true}

// workbook writes reports as an XLSX file.
func (o *reportOptions) workbook(ctx context.Context, c client.Reader, reports []*v1alpha1.LicenseReport, out io.Writer) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	summary, exemptions, adjustments := &sheet{book: book, name: "Summary"}, &sheet{book: book, name: "Exemptions"}, &sheet{book: book, name: "Adjustments"}
	detail := &sheet{book: book, name: "Detail"}
	if err := book.SetSheetName(book.GetSheetName(0), summary.name); err != nil {
		return err
	}
	for _, report := range reports {
		o.warnOfDraft(report)
		s := &report.Status
		for _, part := range []struct {
			sheet *sheet
			write func(io.Writer) error
		}{
			{summary, func(w io.Writer) error { return licensing.WriteSummary(w, s) }},
			{exemptions, func(w io.Writer) error { return licensing.WriteExemptions(w, s) }},
			{adjustments, func(w io.Writer) error { return licensing.WriteAdjustments(w, s.Month, report.Spec.Adjustments) }},
		} {
			var buffer bytes.Buffer
			if err := part.write(&buffer); err != nil {
				return err
			}
			if err := part.sheet.read(&buffer); err != nil {
				return err
			}
		}
		if err := o.stream(ctx, c, report, detail); err != nil {
			return fmt.Errorf("report %s: %w", report.Name, err)
		}
	}
	for _, s := range []*sheet{summary, detail, exemptions, adjustments} {
		if err := s.flush(); err != nil {
			return err
		}
	}
	return book.Write(out)
}

// stream writes a report's detail into a sheet as it is counted.
func (o *reportOptions) stream(ctx context.Context, c client.Reader, report *v1alpha1.LicenseReport, into *sheet) error {
	in, out := io.Pipe()
	counted := make(chan error, 1)
	go func() {
		err := o.countInto(ctx, c, report, out)
		counted <- err
		_ = out.CloseWithError(err)
	}()
	err := into.read(in)
	_ = in.CloseWithError(err)
	return errors.Join(err, <-counted)
}

// sheet is a table of a workbook that goes on in further sheets when it is full.
type sheet struct {
	book   *excelize.File
	name   string
	header []string
	stream *excelize.StreamWriter
	row    int
	parts  int
}

// read adds the rows of a CSV table; the header is written once for each sheet.
func (s *sheet) read(in io.Reader) error {
	rows := csv.NewReader(in)
	header, err := rows.Read()
	if err != nil {
		return err
	}
	if s.header == nil {
		s.header = header
		if err := s.begin(); err != nil {
			return err
		}
	}
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.row >= sheetRows {
			if err := s.begin(); err != nil {
				return err
			}
		}
		if err := s.write(record); err != nil {
			return err
		}
	}
}

// begin begins the first sheet, or the next.
func (s *sheet) begin() error {
	if err := s.flush(); err != nil {
		return err
	}
	name := s.name
	if s.parts++; s.parts > 1 {
		name += " " + strconv.Itoa(s.parts)
	}
	if _, err := s.book.NewSheet(name); err != nil {
		return err
	}
	stream, err := s.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	s.stream, s.row = stream, 0
	return s.write(s.header)
}

func (s *sheet) write(record []string) error {
	values := make([]any, len(record))
	for i, value := range record {
		values[i] = value
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && numeric[s.header[i]] {
			values[i] = n
		}
	}
	s.row++
	cell, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(cell, values)
}

func (s *sheet) flush() error {
	if s.stream == nil {
		return nil
	}
	return s.stream.Flush()
}
