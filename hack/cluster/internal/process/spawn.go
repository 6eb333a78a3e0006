// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os/exec"
	"runtime"
	"sync"
)

type startRequest struct {
	cmd    *exec.Cmd
	result chan<- error
}

// starter returns the channel of the one goroutine that starts all children.
//
// On Linux "parent" in "kill the child when its parent dies" means the thread
// that forked, not the process. So one goroutine is tied to one thread and
// never ends, and every child is forked there.
var starter = sync.OnceValue(func() chan<- startRequest {
	requests := make(chan startRequest)
	go func() {
		runtime.LockOSThread()
		for request := range requests {
			request.result <- request.cmd.Start()
		}
	}()
	return requests
})

// start starts cmd in such a way that it does not outlive this process.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = childAttributes()
	result := make(chan error)
	starter() <- startRequest{cmd: cmd, result: result}
	return <-result
}
