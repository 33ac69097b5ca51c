package sim

import "fmt"

// Words for the names of invented companies, projects and people.
var (
	companyFirst = []string{"Bluefin", "Norrland", "Castor", "Fennec", "Halcyon", "Juniper Hill", "Kestrel", "Larkspur", "Marlow", "Nimbus Bay", "Orchard",
		"Peregrine", "Quillon", "Rosewater", "Saltmarsh", "Tamarack", "Umber", "Verdigris", "Wexcombe", "Yarrow", "Zephyrine", "Alderbank", "Brightwell", "Copperfold",
		"Dunmore", "Eastvale", "Foxglove", "Greywacke", "Hawthorn", "Ironbridge", "Jasperson", "Kingfisher", "Lindenau", "Moorcroft", "Northgate", "Oxbow", "Pinecrest",
		"Quarry Lane", "Redwillow", "Stonehaven"}
	companySecond = []string{"Robotics", "Foods", "Logistics", "Health", "Textiles", "Energy", "Software", "Marine", "Optics", "Paper", "Freight", "Labs", "Insurance",
		"Dairy", "Rail", "Ceramics", "Packaging", "Pharma", "Tools", "Studios"}
	projects    = []string{"platform", "expansion", "rollout", "pilot", "migration", "seats", "data lake", "analytics", "phase 2", "support plan"}
	buyersFirst = []string{"Maya", "Noel", "Priya", "Quentin", "Rosa", "Sven", "Tara", "Ulla", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora", "Amir", "Bianca", "Carl"}
	buyersLast  = []string{"Abara", "Bergmann", "Castellan", "Dubois", "Engstrom", "Fukuda", "Galante", "Hadley", "Ibsen", "Jovanovic", "Kaplan", "Lindgren", "Mbeki",
		"Novak", "Oduya", "Pereira", "Quist"}
	steps = []string{"%s (CFO) confirms budget", "Send revised order form to %s", "%s reviews the security questionnaire", "Reference call with %s", "Workshop with %s's team",
		"%s brings in procurement", "Agree success criteria with %s", "Demo of reporting for %s", "Legal comments due from %s", "%s decides on seats"}
	criteria = []string{"Time to value under 60 days; EU hosting", "Price per seat, single sign-on, audit trail", "Integration with the ERP, support in two languages",
		"Replacement of three tools, payback within a year", "Security review passed, references in the industry"}
	lossReasons = []string{"Price", "No decision", "Competitor", "Missing feature", "Budget cut"}
)

// projectName names the n-th invented company and its deal.
func projectName(n int, renewal bool) (account, deal string) {
	account = companyFirst[n%len(companyFirst)] + " " + companySecond[(n/len(companyFirst)+n*7)%len(companySecond)]
	round := n / (len(companyFirst) * len(companySecond))
	project := projects[(n*3+round)%len(projects)]
	if renewal {
		project = "renewal"
	}
	deal = account + " " + project
	if round > 0 && (renewal || round >= len(projects)) { // otherwise the project differs
		deal = fmt.Sprintf("%s %d", deal, round+1)
	}
	return account, deal
}

func buyerName(n int) (first, last string) {
	return buyersFirst[n%len(buyersFirst)], buyersLast[n%len(buyersLast)]
}
