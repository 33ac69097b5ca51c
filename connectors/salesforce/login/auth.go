package login

import (
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// The flows of Auth.Flow.
const (
	ClientCredentials = "client_credentials"
	JWTBearer         = "jwt_bearer"
	RefreshToken      = "refresh_token"
	Password          = "password"
)

// Auth says how to sign in. Which of the keys below Flow may be set depends on the
// flow.
type Auth struct {
	Flow         string        `yaml:"flow,required" doc:"How to sign in: by an OAuth flow of an app, or by password, which Salesforce retires with Summer '27." values:"client_credentials|jwt_bearer|refresh_token|password"`
	ClientID     string        `yaml:"client_id" doc:"Consumer key of the app. Every flow but password requires it." example:"3MVG9example"`
	ClientSecret secret.Secret `yaml:"client_secret" doc:"Consumer secret of the app. Required by client_credentials; with refresh_token, required if the app requires it." example:"{env: SALESFORCE_CLIENT_SECRET}"`
	Username     string        `yaml:"username" doc:"jwt_bearer and password: user name of the user to sign in as." example:"pipetidy@acme.example"`
	Key          secret.Secret `yaml:"key" doc:"jwt_bearer: private key (RSA, at least 2048 bits, PEM without a passphrase) of the app's certificate." example:"{file: /run/secrets/sf.pem}"`
	Audience     string        `yaml:"audience" doc:"jwt_bearer: what the token endpoint calls itself." default:"https://login.salesforce.com; for a url that ends in .sandbox.my.salesforce.com, https://test.salesforce.com" example:"https://login.salesforce.com"`
	RefreshToken secret.Secret `yaml:"refresh_token" doc:"refresh_token: the token that the app's approval gave, in a file. Its successors are kept in the directory tokens of data_dir; a new token in the file replaces them." example:"{file: /run/secrets/sf-refresh}"`

	Password      secret.Secret `yaml:"password" doc:"password: password of the user." example:"{env: SALESFORCE_PASSWORD}"`
	SecurityToken secret.Secret `yaml:"security_token" doc:"password: the security token that Salesforce mailed to the user. Without it, the login works only from the trusted IP ranges of the org." example:"{env: SALESFORCE_SECURITY_TOKEN}"`
}

// validate checks that the keys that the flow requires are set, and that no key of
// another flow is: the operator would believe that such a key is in use.
func (a Auth) validate(report func(key, message string)) {
	switch {
	case a.Flow == Password && a.ClientID != "":
		report("client_id", "does not belong to password, which uses no app; remove it, or choose the flow client_credentials")
	case a.Flow != Password && a.ClientID == "":
		report("client_id", "is missing; copy the consumer key of the External Client App")
	}
	if !slices.Contains([]string{ClientCredentials, JWTBearer, RefreshToken, Password}, a.Flow) {
		report("flow", fmt.Sprintf("%.60q is no flow; write %s, %s, %s or %s", a.Flow, ClientCredentials, JWTBearer, RefreshToken, Password))
		return
	}
	for _, k := range []struct {
		name, flow string // a key, and the flow that uses the key
		also       string // a flow in which the key is optional
		given      bool
		missing    string // what to write, "" if the key is optional
	}{
		{"client_secret", ClientCredentials, RefreshToken, !a.ClientSecret.IsZero(), "use {env: NAME} or {file: PATH}"},
		{"username", userFlow(a.Flow), "", a.Username != "", "write the name, which looks like an e-mail address, of the user to sign in as"},
		{"key", JWTBearer, "", !a.Key.IsZero(), "write where the private key of the app's certificate is kept: {file: PATH}"},
		{"audience", JWTBearer, "", a.Audience != "", ""},
		{"password", Password, "", !a.Password.IsZero(), "use {env: NAME} or {file: PATH}"},
		{"security_token", Password, "", !a.SecurityToken.IsZero(), ""},
		{"refresh_token", RefreshToken, "", !a.RefreshToken.IsZero(), "write where the token that the app's approval gave is kept: {file: PATH}"},
	} {
		switch {
		case a.Flow == k.flow && !k.given && k.missing != "":
			report(k.name, "is missing; "+k.missing)
		case a.Flow != k.flow && a.Flow != k.also && k.given:
			report(k.name, fmt.Sprintf("does not belong to %s; remove it, or choose the flow %s", a.Flow, k.flow))
		}
	}
	if u, err := rest.CheckURL(a.Audience); a.Audience != "" && (err != nil || u.Path != "" || u.RawQuery != "") {
		report("audience", "must be a host alone, as in https://login.salesforce.com")
	}
}

// userFlow is the flow that username is for: the one that is chosen, if it takes one.
func userFlow(chosen string) string {
	if chosen == Password {
		return Password
	}
	return JWTBearer
}
