package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

func newDeliveries(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deliveries",
		Short: "Settle deliveries in doubt",
		Long: `A delivery is in doubt when an attempt was made and no answer says whether the
message arrived. "pipetidy status" lists the deliveries; this command settles those
that are in doubt.`,
		Example: "  pipetidy deliveries settle 3f9a01c7 --arrived",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	cmd.AddCommand(newSettle(a))
	return cmd
}

func newSettle(a *app) *cobra.Command {
	var arrived, lost bool
	cmd := &cobra.Command{
		Use:   "settle ID",
		Short: "Say whether a message in doubt arrived",
		Long: `Writes down what you found out about the delivery with the ID, whose message may or
may not have arrived. Ask the reader first, then say --arrived or --lost. "pipetidy
status" prints the command with a short ID, eight digits; the whole ID does as well, in
quotes, because it holds the character |.

With --arrived it counts as the reader's last digest. With --lost it goes to the else
channel, where the digest has one and its deadline has not passed; otherwise the
reader's next digest says that this one could not be delivered, and "pipetidy digest
send NAME --again" sends another edition to all readers.`,
		Example: "  pipetidy deliveries settle 3f9a01c7 --arrived\n" +
			"  pipetidy deliveries settle 3f9a01c7 --lost",
		Args: exactly(1, "the ID of a delivery in doubt"),
	}
	cmd.Flags().BoolVar(&arrived, "arrived", false, "the reader has the message")
	cmd.Flags().BoolVar(&lost, "lost", false, "the reader does not have the message")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if arrived == lost {
			return usage(cmd, "say one of --arrived and --lost")
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			d, err := c.Settle(cmd.Context(), api.SettleRequest{ID: args[0], Arrived: arrived})
			if err != nil {
				return err
			}
			line := fmt.Sprintf("%s: %s", d.ID, d.State)
			if d.Reason != "" {
				line += ": " + d.Reason
			}
			_, err = fmt.Fprintln(a.out, plain(line))
			return err
		})
	}
	return cmd
}
