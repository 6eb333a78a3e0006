// SPDX-License-Identifier: Apache-2.0

package process

import "syscall"

// childAttributes keeps the terminal's Ctrl-C away from the child, which is to
// be stopped in its turn, and has the kernel kill it should this process die
// without stopping it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
