// An example that stands alone: Go's standard library is all that it needs.
module werkplek.dev/werkplek/docs/examples/billing/billing-go

go 1.26.0
