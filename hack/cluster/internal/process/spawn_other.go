// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package process

import "syscall"

// childAttributes keeps the terminal's Ctrl-C away from the child, which is to
// be stopped in its turn. Only Linux can also kill the child when this process
// is killed; elsewhere such a child must be killed by hand.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
