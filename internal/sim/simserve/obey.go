package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// obey carries out a command and adds the result of the command to the reply.
func obey(c *sim.Company, word, arg string, reply map[string]string) error {
	switch word {
	case "expire":
		c.Salesforce().ExpireSessions()
		c.HubSpot().ExpireTokens()
	case "advance":
		d, err := time.ParseDuration(arg)
		if err != nil {
			return err
		}
		c.Advance(c.Now().Add(d))
	case "import", "links", "bulk-page":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		return count(c, word, n)
	case "authorize":
		reply["refresh_token"] = c.Salesforce().Authorize()
	case "certificate":
		key, err := publicKey(arg)
		if err != nil {
			return err
		}
		c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Auth.Certificate = key })
	default:
		return errors.New("no such command; the commands are expire, advance, import, links, authorize, certificate and bulk-page")
	}
	return nil
}

// count carries out the commands that take a number.
func count(c *sim.Company, word string, n int) error {
	switch word {
	case "import":
		rows := make([]map[string]string, n)
		for i := range rows {
			rows[i] = map[string]string{"dealname": "Imported " + strconv.Itoa(i), "pipeline": "default", "dealstage": "qualifiedtobuy"}
		}
		_, err := c.HubSpot().Import("deals", time.Time{}, rows)
		return err
	case "links":
		c.HubSpot().Set(func(o *sim.HubSpotOptions) { o.AssociationPage = n })
	case "bulk-page":
		c.Salesforce().Set(func(o *sim.SalesforceOptions) { o.Bulk.MaxRecords = n })
	}
	return nil
}

func publicKey(text string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	if public, ok := key.(*rsa.PublicKey); ok {
		return public, nil
	}
	return nil, errors.New("the key is not an RSA key; give the public half of an RSA key pair")
}
