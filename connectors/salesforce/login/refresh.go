package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// kept is what the vault keeps of one approval. An org that rotates refresh tokens
// answers each token with its successor and never accepts the old token again. So a
// lost successor means a lost approval.
type kept struct {
	Seed  string `json:"seed"`  // hash of the configured token from which Token descends
	Token string `json:"token"` // the token to use next
	// Used says that Token was sent and no answer has been noted: the successor, if
	// there is one, is unknown.
	Used bool `json:"used"`
	// Instead says that the kept token was damaged, so Token is the configured token,
	// which may have been replaced long ago.
	Instead bool `json:"instead,omitempty"`
}

// withToken is the refresh-token flow.
func (l *Login) withToken(ctx context.Context) (*grant, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {l.cfg.Auth.ClientID}}
	var secrets []string
	if !l.cfg.Auth.ClientSecret.IsZero() {
		secret, err := l.cfg.Auth.ClientSecret.Value()
		if err != nil {
			return nil, l.noSecret("client secret", err)
		}
		form.Set("client_secret", secret)
		secrets = append(secrets, secret)
	}
	k, err := l.load()
	if err != nil {
		return nil, err
	}
	form.Set("refresh_token", k.Token)
	lost := k.Used
	if k.Used = true; !lost {
		if err := l.save(k); err != nil {
			return nil, err
		}
	}
	// The answer may hold the only copy of the successor, so a stop of the process
	// does not cut the exchange. The request is not repeated, because a replaced token
	// ends the approval when the org sees it again.
	g, err := l.call(context.WithoutCancel(ctx), form, false, append(secrets, k.Token)...)
	switch {
	case err != nil && !l.sent && !lost:
		return nil, l.unused(k, err)
	case err != nil:
		return nil, err
	case g.refused() && lost:
		return nil, l.tokenRefused(g, "this refresh token was used before, and the process ended, or the connection broke, before its successor was kept")
	case g.refused() && k.Instead:
		return nil, l.unused(k, l.tokenRefused(g, "the token kept in the directory tokens of data_dir is damaged, so the configured one was tried instead"))
	case g.refused():
		return nil, l.unused(k, l.refused(g))
	}
	if g.RefreshToken != "" {
		k.Token = g.RefreshToken
	}
	k.Used, k.Instead = false, false
	return g, l.settle(k)
}

// tokenRefused explains a refusal by what happened to the token, unless the refusal
// names another cause.
func (l *Login) tokenRefused(g *grant, why string) error {
	if _, remedy := l.cfg.Auth.known(g); remedy != "" || g.passes() {
		return l.refused(g)
	}
	return l.where.Fail(crm.ErrAuth, "login refused ("+g.said+"): "+why, renewApproval)
}

// unused notes that the token was not used up, and returns why there is no session.
func (l *Login) unused(k kept, why error) error {
	k.Used = false
	if err := l.settle(k); err != nil {
		return err
	}
	return why
}

// load finds the token to use: the token of the vault if it descends from the
// configured token. If not, somebody has approved the app anew, and the configured
// token is used.
func (l *Login) load() (kept, error) {
	configured, err := l.cfg.Auth.RefreshToken.Value()
	if err != nil {
		return kept{}, l.noSecret("refresh token", err)
	}
	sum := sha256.Sum256([]byte(configured))
	fresh := kept{Seed: hex.EncodeToString(sum[:]), Token: configured}
	if l.unsaved != nil && l.unsaved.Seed == fresh.Seed {
		k := *l.unsaved
		return k, l.settle(k)
	}
	text, err := l.cfg.Vault.Load(l.cfg.Name)
	if err != nil {
		return kept{}, l.vaultFails(err)
	}
	var k kept
	damaged := json.Unmarshal([]byte(text), &k) != nil || k.Token == ""
	if damaged || k.Seed != fresh.Seed {
		fresh.Instead = damaged && text != "" // "" says that nothing has been kept yet
		return fresh, nil
	}
	return k, nil
}

// settle saves the result of an exchange. Until saving works, the result stays in
// memory and the next exchange uses it.
func (l *Login) settle(k kept) error {
	l.unsaved = &k
	if err := l.save(k); err != nil {
		return err
	}
	l.unsaved = nil
	return nil
}

func (l *Login) save(k kept) error {
	text, err := json.Marshal(k)
	if err != nil {
		return l.vaultFails(err)
	}
	if err := l.cfg.Vault.Save(l.cfg.Name, string(text)); err != nil {
		return l.vaultFails(err)
	}
	return nil
}

func (l *Login) vaultFails(err error) error {
	return &rest.ExplainedError{
		Where: string(l.where), What: "the refresh token cannot be kept", Cause: err, Kind: crm.ErrBusy,
		Remedy: "without it the approval would be lost, so no login is made; let Pipetidy read and write the directory tokens of data_dir; the next run tries again",
	}
}
