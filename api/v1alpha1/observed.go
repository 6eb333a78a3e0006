// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Each kind that a reconciler reports on tells where its conditions are, and the
// generation that they speak of.

// Observed returns the conditions, and the generation that they speak of.
func (t *Tenant) Observed() (*Conditions, *int64) {
	return &t.Status.Conditions, &t.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (w *Workplace) Observed() (*Conditions, *int64) {
	return &w.Status.Conditions, &w.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (c *WorkplaceClass) Observed() (*Conditions, *int64) {
	return &c.Status.Conditions, &c.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (t *ServiceTerms) Observed() (*Conditions, *int64) {
	return &t.Status.Conditions, &t.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (s *Suspension) Observed() (*Conditions, *int64) {
	return &s.Status.Conditions, &s.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (n *Notice) Observed() (*Conditions, *int64) {
	return &n.Status.Conditions, &n.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (l *License) Observed() (*Conditions, *int64) {
	return &l.Status.Conditions, &l.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (r *LicenseReport) Observed() (*Conditions, *int64) {
	return &r.Status.Conditions, &r.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (s *SupportSession) Observed() (*Conditions, *int64) {
	return &s.Status.Conditions, &s.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (r *UserRequest) Observed() (*Conditions, *int64) {
	return &r.Status.Conditions, &r.Status.ObservedGeneration
}

// Observed returns the conditions, and the generation that they speak of.
func (e *DataExport) Observed() (*Conditions, *int64) {
	return &e.Status.Conditions, &e.Status.ObservedGeneration
}
