// SPDX-License-Identifier: Apache-2.0

// Package monitoring tries what config/monitoring holds: the alerts with promtool,
// their runbooks, and that they speak of metrics which are served.
package monitoring
