package delivery

import "context"

// Sender carries parts through one channel.
//
// Send makes one attempt at one part; earlier holds the receipts of the parts before
// this part. Its errors wrap ErrRetry or ErrRejected; an error that wraps neither leaves
// open whether the part arrived. No error holds a secret.
type Sender interface {
	Channel() Channel
	Send(ctx context.Context, to *Delivery, p Part, earlier []Receipt) (Receipt, error)
}

// Reconciler is the ability to look whether a part arrived. ok is false when the part
// is not there. An error that wraps ErrRetry says that the channel can look again later;
// any other error says that the channel cannot look at all.
type Reconciler interface {
	Reconcile(ctx context.Context, to *Delivery, p Part, earlier []Receipt) (r Receipt, ok bool, err error)
}
