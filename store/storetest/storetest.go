// Package storetest holds an engine to what package store promises: [Test] runs a
// subtest for each promise of the steps, and [TestModel] commits random pages to the
// engine and to a simple model of the cache. An engine's own test calls both.
//
// What is particular to one engine (damage on disk, kills) is not tested here but in the
// engine's own tests. A newcomer reads the list of promises in this file first.
package storetest

import (
	"testing"

	"github.com/pipetidy/pipetidy/store"
)

// Place opens the data of one test. Opening a place again after Close finds the data of
// before.
type Place func() (store.Engine, error)

// Empty makes a place without data. The place is removed when the test ends.
type Empty func(t testing.TB) Place

// promises are the subtests of Test, by the interface that makes the promise.
var promises = []struct {
	of   string
	name string
	test func(t *testing.T, empty Empty)
}{
	{"Engine", "an old fence writes nothing", testOldFenceWritesNothing},
	{"Engine", "a closed one returns ErrClosed", testClosedEngineReturnsErrClosed},
	{"Engine", "a canceled context does nothing", testCanceledContextDoesNothing},

	{"Sources", "another account is refused", testRegisterRefusesAnotherAccount},
	{"Sources", "users and stages come in order", testReferenceHasUsersAndStagesInOrder},
	{"Sources", "a stage that is gone keeps its name", testAStageThatIsGoneKeepsItsName},
	{"Sources", "since when everything was seen", testReferenceKnowsSinceWhenEverythingWasSeen},
	{"Sources", "nothing of a forgotten source is left", testNothingOfAForgottenSourceIsLeft},

	{"Streams", "an unchanged page is counted and not written", testUnchangedPageIsCountedAndNotWritten},
	{"Streams", "of a record twice in a page the last counts", testOfARecordTwiceInAPageTheLastCounts},
	{"Streams", "an id that cannot be stored refuses the page", testBadIDsAreRefusedWhole},
	{"Streams", "a failed run keeps the cursor", testStreamFailedKeepsTheCursor},
	{"Streams", "a foreign stream is marked", testAForeignStreamIsMarked},
	{"Streams", "changes are observed", testObservedChanges},
	{"Streams", "a field that is mapped elsewhere has no past", testAFieldThatIsMappedElsewhereHasNoPast},
	{"Streams", "history and observation are folded", testHistoryAndObservationAreFolded},
	{"Streams", "closing moves and deleting remembers", testClosingMovesAndDeletingRemembers},
	{"Streams", "nothing is gone while the cache is filled", testNothingIsGoneWhileTheCacheIsFilled},
	{"Streams", "activities follow their opportunities", testActivitiesFollowTheirOpportunities},
	{"Streams", "a replaced stream drops what it does not mention", testReplacedStreamDropsWhatIsNotMentioned},
	{"Streams", "a full run drops what is gone", testFullRunDropsWhatIsGone},
	{"Streams", "a sweep drops what is no longer seen", testASweepDropsWhatIsNoLongerSeen},
	{"Streams", "a sweep counts each kind of activity of open deals", testASweepCountsEachKindOfActivity},
	{"Streams", "a sweep survives its interruptions", testASweepSurvivesItsInterruptions},
	{"Streams", "a sweep given up drops nothing", testASweepGivenUpDropsNothing},
	{"Streams", "a sweep goes on over several runs", testASweepGoesOn},
	{"Streams", "a sweep names what the cache does not have", testASweepNamesWhatTheCacheDoesNotHave},
	{"Streams", "deals that are back are recalled", testDealsThatAreBackAreRecalled},
	{"Streams", "a survivor is recalled", testASurvivorIsRecalled},
	{"Streams", "what a source no longer keeps is no loss", testWhatIsNoLongerKeptIsNoLoss},
	{"Streams", "a sweep drops closed deals", testASweepDropsClosedDeals},
	{"Streams", "closed deals hold no full run", testClosedDealsHoldNoFullRun},
	{"Streams", "deals that return closed are recalled once they reopen", testDealsThatReturnClosedAreRecalledOnceTheyReopen},
	{"Streams", "losses are told and not made", testLossesAreToldAndNotMade},
	{"Streams", "a deal that returns has its observed history", testADealThatReturnsHasItsHistory},
	{"Streams", "any order of streams is right", testStreamsMayBeCommittedInAnyOrder},
	{"Streams", "contacts are counted once they were read", testContactsAreCountedOnceTheyWereRead},
	{"Streams", "ContactsOf makes the set complete", testContactsOfMakesTheSetComplete},
	{"Streams", "contacts that were not told are not none", testContactsThatWereNotTold},
	{"Streams", "a deleted deal takes its contacts along", testADeletedDealTakesItsContactsAlong},
	{"Streams", "a full read of contacts", testAFullReadOfContacts},
	{"Streams", "values that vanish at once are doubted", testValuesThatVanishAreDoubted},
	{"Streams", "what is hidden is not doubted", testWhatIsHiddenIsNotDoubted},
	{"Streams", "users keep their address", testUsersKeepTheirAddress},
	{"Streams", "what a run lacks is told", testWhatARunLacksIsTold},

	{"Deals", "a scan comes in slices", testScanInSlices},
	{"Deals", "a scan passes over rows of closed opportunities", testScanPassesOverManyRowsOfClosedOpportunities},
	{"Deals", "scans beside commits see whole pages", testScansBesideCommitsSeeWholePages},
	{"Deals", "deals with a value in a configured field are lent", testNamedDealsAreLent},
	{"Records", "an export gives everything once", testExportGivesEverythingOnce},

	{"Evaluations", "slices of findings", testSlicesOfFindings},
	{"Evaluations", "a slice may read the cache", testASliceMayReadTheCache},
	{"Evaluations", "generations are numbered across openings", testGenerationsAreNumberedAcrossOpenings},
	{"Evaluations", "old ends are dropped", testOldEndsAreDropped},
	{"Findings", "snapshots over time", testSnapshotsOverTime},
	{"Periods", "a period begins once", testPeriodsBeginOnce},
	{"Deliveries", "saved deliveries", testSavedDeliveries},
	{"Deliveries", "deliveries since a date", testDeliveriesSince},
	{"Deliveries", "deliveries of long ago are dropped", testOldDeliveriesAreDropped},
	{"Deliveries", "sending becomes unknown", testRecoverMakesSendingUnknown},
	{"Readers", "what went elsewhere is not the reader's last", testWhatWentElsewhereIsNotTheReadersLast},
	{"Parks", "parks are kept, and ended once", testParks},
	{"Parks", "parks of long ago are dropped", testOldParksAreDropped},
	{"Notes", "a note is kept and forgotten", testNotes},
}

// Test holds the engine that opens at each place to all promises.
func Test(t *testing.T, empty Empty) {
	for _, p := range promises {
		t.Run(p.of+"/"+p.name, func(t *testing.T) { p.test(t, empty) })
	}
}

// open opens a place and closes it when the test ends.
func open(t testing.TB, place Place) store.Engine {
	t.Helper()
	e, err := place()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// fresh returns an engine with the source "sf" and no other data.
func fresh(t testing.TB, empty Empty) store.Engine {
	t.Helper()
	e := open(t, empty(t))
	Register(t, e, "sf")
	return e
}
