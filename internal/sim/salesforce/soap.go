package salesforce

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	soapPath = "/services/Soap/u/"
	// lastSOAP is the last version of the API that has login().
	lastSOAP = 64
	// maxWrong is how many wrong passwords in a row lock the user.
	maxWrong = 10
)

// soapFaults are the messages of the exceptions of login().
var soapFaults = map[string]string{
	"INVALID_LOGIN": "Invalid username, password, security token; or user locked out.",
	"LOGIN_MUST_USE_SECURITY_TOKEN": "Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce--either via a desktop client or the API--" +
		"from outside of your company’s trusted networks, you must add a security token to your password to log in.",
	"INVALID_OPERATION":              "SOAP API login() is disabled by default in this org.",
	"LOGIN_DURING_RESTRICTED_DOMAIN": "Login from current IP address is restricted",
	"LOGIN_DURING_RESTRICTED_TIME":   "Login at this time is restricted",
	"PASSWORD_LOCKOUT":               "Password lockout",
	"SERVER_UNAVAILABLE":             "Server is unavailable",
	"UNSUPPORTED_API_VERSION":        "Invalid Api version specified on URL",
}

// soapLogin answers login() of the SOAP API, and no other call of it.
func (s *logins) soapLogin(w http.ResponseWriter, r *http.Request, version string) {
	body, err := io.ReadAll(r.Body)
	var asked struct {
		XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
		Login   *struct {
			Username string `xml:"urn:partner.soap.sforce.com username"`
			Password string `xml:"urn:partner.soap.sforce.com password"`
		} `xml:"Body>login"`
	}
	switch {
	case err != nil, r.Method != http.MethodPost, xml.Unmarshal(body, &asked) != nil, asked.Login == nil:
		soapFault(w, "soapenv:Client", "The request is no login")
		return
	case r.Header.Get("SOAPAction") == "":
		soapFault(w, "soapenv:Client", "SOAPAction HTTP header missing")
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if code := s.soapRefusal(version, asked.Login.Username, asked.Login.Password); code != "" {
		soapFault(w, "sf:"+code, code+": "+soapFaults[code])
		return
	}
	user := s.username(asked.Login.Username)
	token, reply := s.grant(r, user, "")
	org := strings.Split(reply["id"], "/")[4]
	if s.opt.Auth.Expired {
		delete(s.sessions, token)
	}
	w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+
		`<soapenv:Body><loginResponse><result><metadataServerUrl>%[1]s/services/Soap/m/%[2]s/%[3]s</metadataServerUrl><passwordExpired>%[4]t</passwordExpired><sandbox>false</sandbox>`+
		`<serverUrl>%[1]s/services/Soap/u/%[2]s/%[3]s</serverUrl><sessionId>%[5]s</sessionId><userId>%[6]s</userId><userInfo><organizationId>%[7]s</organizationId>`+
		`<userEmail>%[8]s</userEmail><userFullName>Integration User</userFullName><userId>%[6]s</userId><userName>%[8]s</userName></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>`,
		reply["instance_url"], version, org[:15], s.opt.Auth.Expired, token, user, org, text(asked.Login.Username))
}

// soapRefusal is the code of the exception that the login meets, "" is none.
func (s *logins) soapRefusal(version, username, password string) string {
	opt := s.opt.Auth
	v, err := strconv.ParseFloat(version, 64)
	switch {
	case err != nil || v > lastSOAP:
		return "UNSUPPORTED_API_VERSION"
	case opt.SOAPFault != "":
		return opt.SOAPFault
	case opt.Password == "":
		return "INVALID_OPERATION"
	case s.wrong >= maxWrong, s.opt.InactiveUser, !strings.EqualFold(username, s.user):
		return "INVALID_LOGIN" // it does not tell which
	case password == opt.Password+opt.SecurityToken:
		s.wrong = 0
		return ""
	}
	s.wrong++
	if opt.SecurityToken != "" {
		return "LOGIN_MUST_USE_SECURITY_TOKEN"
	}
	return "INVALID_LOGIN"
}

// soapFault writes an exception.
func soapFault(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, exception, _ := strings.Cut(code, ":")
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+
		`<soapenv:Body><soapenv:Fault><faultcode>%s</faultcode><faultstring>%s</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>%s</sf:exceptionCode>`+
		`<sf:exceptionMessage>%[2]s</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, code, text(message), exception)
}

// text is s as the content of an XML element.
func text(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes everything
	return b.String()
}
