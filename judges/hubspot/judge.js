// @hubspot/api-client, HubSpot's own client, reads the simulated portal as the
// client reads a real portal. An answer of the simulator that the client cannot
// read, or reads with another meaning, fails here before a connector depends on
// that answer.
//
//   npm ci && npm test
//   node judge.js PATH-TO-A-BUILT-SIMSERVE
'use strict'
const assert = require('node:assert/strict')
const path = require('node:path')
const { spawn } = require('node:child_process')
const readline = require('node:readline')
const { Client } = require('@hubspot/api-client')

const root = path.join(__dirname, '..', '..')

// start runs the simulator and waits for the line with the simulator's addresses.
async function start (binary) {
  const args = ['-hubspot']
  const child = binary
    ? spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    : spawn('go', ['run', './internal/sim/simserve', ...args], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = new Promise((resolve, reject) => { child.on('exit', resolve); child.on('error', reject) })
  const line = async () => {
    const { value, done } = await Promise.race([lines.next(), exited.then((code) => { throw new Error(`simserve ended with ${code}`) })])
    if (done) throw new Error('simserve closed its output; run it alone to see why')
    return JSON.parse(value)
  }
  const where = await line()
  return {
    where,
    command: async (text) => { child.stdin.write(text + '\n'); return line() },
    stop: async () => { child.stdin.end(); return exited }
  }
}

const client = (where, accessToken = where.hubspot_token) =>
  new Client({ accessToken, basePath: where.hubspot, numberOfApiCallRetries: 0, limiterOptions: { minTime: 0, maxConcurrent: 6 } })

const digits = /^\d+$/
const since = (iso) => ({ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: String(Date.parse(iso)) })

// searchAll pages by id, since a search pages no further than 10,000 results.
async function searchAll (hub, filters) {
  const found = []
  for (let last = '0'; ;) {
    const page = await hub.crm.deals.searchApi.doSearch({
      filterGroups: [{ filters: [...filters, { propertyName: 'hs_object_id', operator: 'GT', value: last }] }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: ['dealname'],
      limit: 200
    })
    found.push(...page.results)
    if (page.results.length < 200) return found
    last = page.results.at(-1).id
  }
}

const tests = {
  async 'all deals come in pages, each one once' ({ hub }) {
    const all = await hub.crm.deals.getAll(30, undefined, ['dealname', 'amount', 'hs_next_step'])
    assert.ok(all.length > 150, `${all.length} deals`)
    assert.equal(new Set(all.map((d) => d.id)).size, all.length)
    for (const d of all) {
      assert.match(d.id, digits)
      assert.ok(d.createdAt instanceof Date && d.updatedAt >= d.createdAt)
      assert.equal(d.archived, false)
      assert.equal(d.properties.hs_object_id, d.id)
      assert.ok('hs_next_step' in d.properties)
      assert.ok(d.properties.amount === null || typeof d.properties.amount === 'string')
    }
  },

  async 'the last page has no paging, all other pages name the next' ({ hub }) {
    let page = await hub.crm.deals.basicApi.getPage(100)
    assert.equal(page.results.length, 100)
    assert.equal(page.paging.next.after, page.results.at(-1).id)
    assert.ok(page.paging.next.link.startsWith('https://api.hubapi.com/crm/v3/objects/deals?'))
    while (page.paging) page = await hub.crm.deals.basicApi.getPage(100, page.paging.next.after)
    assert.ok(page.results.length > 0)
  },

  async 'history and inline associations of a list' ({ hub }) {
    const { results } = await hub.crm.deals.basicApi.getPage(50, undefined, ['dealstage'], ['dealstage', 'closedate'], ['contacts', 'companies'])
    assert.equal(results.length, 50)
    for (const d of results) {
      const versions = d.propertiesWithHistory.dealstage
      assert.equal(versions[0].value, d.properties.dealstage)
      assert.ok(versions.every((v, i) => i === 0 || v.timestamp <= versions[i - 1].timestamp))
      // The primary company comes twice, once for each type of its association.
      assert.equal(d.associations.companies.results.length, 2)
      assert.equal(new Set(d.associations.companies.results.map((c) => c.id)).size, 1)
    }
  },

  async 'search' ({ hub }) {
    const page = await hub.crm.deals.searchApi.doSearch({ filterGroups: [{ filters: [{ propertyName: 'dealname', operator: 'EQ', value: 'stark industries' }] }], properties: ['dealstage', 'amount'] })
    assert.equal(page.total, 1)
    assert.equal(page.results[0].properties.dealstage, 'qualifiedtobuy')
    assert.equal(page.results[0].properties.amount, '9000')
    assert.equal(page.paging, undefined)
    const all = await hub.crm.deals.searchApi.doSearch({ limit: 200 })
    assert.equal(all.total, (await hub.crm.deals.getAll(100)).length)
  },

  async 'search page by page, by id' ({ hub }) {
    const found = await searchAll(hub, [since('2026-11-20T00:00:00Z')])
    const { total } = await hub.crm.deals.searchApi.doSearch({ filterGroups: [{ filters: [since('2026-11-20T00:00:00Z')] }], limit: 1 })
    assert.equal(found.length, total)
    assert.ok(total > 10)
  },

  async 'a batch read tells the found and the missing records' ({ hub }) {
    const { results } = await hub.crm.deals.basicApi.getPage(3)
    const answer = await hub.crm.deals.batchApi.read({ inputs: [...results.map(({ id }) => ({ id })), { id: '17' }], properties: ['dealname'], propertiesWithHistory: [] })
    assert.deepEqual(answer.results.map((d) => d.id).sort(), results.map((d) => d.id).sort())
    assert.equal(answer.numErrors, 1)
    assert.equal(answer.errors[0].category, 'OBJECT_NOT_FOUND')
    assert.deepEqual(answer.errors[0].context.ids, ['17'])
    assert.ok(answer.startedAt instanceof Date)
  },

  async 'associations, many at once' ({ hub }) {
    const deals = await hub.crm.deals.getAll(100)
    const answer = await hub.crm.associations.v4.batchApi.getPage('deals', 'contacts', { inputs: deals.map(({ id }) => ({ id })) })
    assert.equal(answer.results.length + (answer.numErrors ?? 0), deals.length)
    for (const r of answer.results) {
      assert.match(r._from.id, digits)
      assert.ok(r.to.every((t) => digits.test(String(t.toObjectId)) && t.associationTypes[0].category === 'HUBSPOT_DEFINED' && t.associationTypes[0].typeId === 3))
    }
    const labels = new Set(answer.results.flatMap((r) => r.to.flatMap((t) => t.associationTypes.map((a) => a.label))))
    assert.ok(labels.has('Decision maker'))
  },

  async 'associations of one deal, paged' ({ hub }) {
    const { results: [stark] } = await hub.crm.deals.searchApi.doSearch({ filterGroups: [{ filters: [{ propertyName: 'dealname', operator: 'EQ', value: 'Stark Industries' }] }] })
    const all = await hub.crm.associations.v4.basicApi.getPage('deals', stark.id, 'calls')
    const first = await hub.crm.associations.v4.basicApi.getPage('deals', stark.id, 'calls', undefined, 2)
    const second = await hub.crm.associations.v4.basicApi.getPage('deals', stark.id, 'calls', first.paging.next.after, 2)
    assert.ok(all.results.length >= 3)
    assert.equal(first.results.length, 2)
    assert.ok(second.results.every((a) => !first.results.some((b) => b.toObjectId === a.toObjectId)))
  },

  async 'associations in batches, paged for each record' ({ hub, sim }) {
    const { results: [stark] } = await hub.crm.deals.searchApi.doSearch({ filterGroups: [{ filters: [{ propertyName: 'dealname', operator: 'EQ', value: 'Stark Industries' }] }] })
    const all = await hub.crm.associations.v4.basicApi.getPage('deals', stark.id, 'calls')
    await sim.command('links 2')
    const seen = new Set()
    let pages = 0
    for (let after; ; pages++) {
      const answer = await hub.crm.associations.v4.batchApi.getPage('deals', 'calls', { inputs: [{ id: stark.id, ...(after && { after }) }] })
      assert.equal(answer.numErrors, undefined)
      const [{ to, paging }] = answer.results
      assert.ok(to.length > 0 && to.length <= 2)
      for (const t of to) seen.add(String(t.toObjectId))
      if (!paging) break
      after = paging.next.after
    }
    await sim.command('links 100')
    assert.deepEqual([...seen].sort(), all.results.map((t) => String(t.toObjectId)).sort())
    assert.ok(pages > 0)
  },

  async 'a record without associations is an error among the answers' ({ hub }) {
    const { results: deals } = await hub.crm.deals.basicApi.getPage(5)
    const answer = await hub.crm.associations.v4.batchApi.getPage('deals', 'tasks', { inputs: [{ id: '17' }, ...deals.map(({ id }) => ({ id }))] })
    const none = answer.errors.find((e) => e.context.fromObjectId[0] === '17')
    assert.equal(none.subCategory, 'crm.associations.NO_ASSOCIATIONS_FOUND')
    assert.ok(!answer.results.some((r) => r._from.id === '17'))
  },

  async 'activities' ({ hub }) {
    for (const [type, property] of [['calls', 'hs_call_title'], ['emails', 'hs_email_subject'], ['meetings', 'hs_meeting_title'], ['notes', 'hs_note_body']]) {
      const { results } = await hub.crm.objects[type].basicApi.getPage(20, undefined, [property, 'hs_timestamp', 'hubspot_owner_id'])
      assert.ok(results.length > 0, type)
      for (const a of results) {
        assert.ok(a.properties[property] && !Number.isNaN(Date.parse(a.properties.hs_timestamp)), type)
        assert.match(a.properties.hubspot_owner_id, digits)
        assert.equal(a.properties.hs_createdate, a.createdAt.toISOString().replace('.000Z', 'Z'))
      }
    }
  },

  async 'owners: id and userId are two numbers, archived owners are listed apart' ({ hub }) {
    const { results: active } = await hub.crm.owners.ownersApi.getPage()
    assert.ok(active.length > 5 && active.every((o) => !o.archived && digits.test(o.id) && typeof o.userId === 'number' && o.id !== String(o.userId)))
    const page = await hub.crm.owners.ownersApi.getPage(undefined, undefined, 3)
    const next = await hub.crm.owners.ownersApi.getPage(undefined, page.paging.next.after, 3)
    assert.notEqual(next.results[0].id, page.results[0].id)
    const archived = await hub.crm.owners.ownersApi.getPage(undefined, undefined, 100, true)
    assert.deepEqual(archived.results.map((o) => [o.email, o.userId]), [['pat@acme.example', undefined]])
    const cleo = await hub.crm.owners.ownersApi.getPage('cleo@oldco.example')
    assert.equal(cleo.results.length, 1)
    assert.equal((await hub.crm.owners.ownersApi.getById(Number(cleo.results[0].id))).firstName, 'Cleo')
  },

  async 'teams: of an owner, and all with their users' ({ hub }) {
    const { results: owners } = await hub.crm.owners.ownersApi.getPage()
    const { results: teams } = await hub.settings.users.teamsApi.getAll()
    const west = teams.find((t) => t.name === 'West')
    const members = owners.filter((o) => o.teams?.some((t) => t.id === west.id && t.name === 'West' && t.primary))
    assert.ok(members.length > 3)
    assert.deepEqual(members.map((o) => String(o.userId)).sort(), [...west.userIds].sort())
    assert.deepEqual(west.secondaryUserIds, [])
  },

  async 'pipelines' ({ hub }) {
    const { results } = await hub.crm.pipelines.pipelinesApi.getAll('deals')
    const sales = results.find((p) => p.id === 'default')
    assert.equal(sales.createdAt.getTime(), 0)
    assert.deepEqual(sales.stages.map((s) => s.label), ['New', 'Qualified', 'Proposal sent', 'Contract sent', 'Closed Won', 'Closed Lost'])
    assert.deepEqual(sales.stages.find((s) => s.id === 'closedwon').metadata, { isClosed: 'true', probability: '1.0' })
    const renewals = results.find((p) => digits.test(p.id))
    const one = await hub.crm.pipelines.pipelinesApi.getById('deals', renewals.id)
    assert.deepEqual(one.stages.map((s) => s.id), renewals.stages.map((s) => s.id))
    assert.ok(one.stages.every((s) => !s.archived && ['true', 'false'].includes(s.metadata.isClosed) && Number(s.metadata.probability) >= 0))
  },

  async 'property definitions' ({ hub }) {
    const { results } = await hub.crm.properties.coreApi.getAll('deals')
    const named = (name) => results.find((p) => p.name === name)
    assert.equal(named('closedate').type, 'datetime')
    assert.equal(named('hs_v2_date_entered_qualifiedtobuy').calculated, true)
    assert.ok(named('dealstage').options.some((o) => o.value === 'qualifiedtobuy'))
    assert.equal(named('economic_buyer').hubspotDefined, false)
    assert.equal((await hub.crm.properties.coreApi.getByName('deals', 'amount')).type, 'number')
  },

  async 'the dated version and the account' ({ hub }) {
    const answer = await hub.apiRequest({ path: '/account-info/2026-09/details' })
    const account = await answer.json()
    assert.equal(account.portalId, 149063119)
    assert.equal(account.timeZone, 'US/Eastern')
    assert.ok(Number(answer.headers.get('x-hubspot-ratelimit-remaining')) > 0)
    const page = await (await hub.apiRequest({ path: '/crm/objects/2026-09/deals', qs: { limit: 2 } })).json()
    assert.equal(page.results.length, 2)
    const search = await hub.apiRequest({ method: 'POST', path: '/crm/objects/2026-09/0-3/search', body: {} })
    assert.equal(search.headers.get('x-hubspot-ratelimit-remaining'), null)
  },

  async 'the day\'s calls' ({ hub }) {
    const { results: [day] } = await (await hub.apiRequest({ path: '/account-info/2026-09/api-usage/daily/private-apps' })).json()
    assert.ok(day.currentUsage > 20 && day.usageLimit === 625000)
    assert.equal(day.resetsAt, '2026-11-25T05:00:00Z')
  },

  async 'an OAuth app refreshes its token' ({ where, sim }) {
    const { ClientID: id, ClientSecret: secret, RefreshToken: refresh } = where.hubspot_oauth
    const oauth = new Client({ basePath: where.hubspot, numberOfApiCallRetries: 0 })
    const token = await oauth.oauth.tokensApi.create('refresh_token', undefined, undefined, id, secret, refresh)
    assert.equal(token.expiresIn, 1800)
    assert.equal(token.refreshToken, refresh)
    oauth.setAccessToken(token.accessToken)
    const page = await oauth.crm.deals.basicApi.getPageWithHttpInfo(1)
    assert.equal(page.data.results.length, 1)
    assert.equal(page.headers['x-hubspot-ratelimit-daily'], undefined)
    assert.equal(page.headers['x-hubspot-ratelimit-max'], '110')
    await sim.command('expire')
    await assert.rejects(oauth.crm.deals.basicApi.getPage(1), (err) => err.code === 401 && err.body.category === 'EXPIRED_AUTHENTICATION')
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: id, client_secret: secret, refresh_token: refresh })
    const next = await (await fetch(`${where.hubspot}/oauth/2026-03/token`, { method: 'POST', body: form })).json()
    assert.equal(next.hub_id, 149063119)
    oauth.setAccessToken(next.access_token)
    assert.equal((await oauth.crm.deals.basicApi.getPage(1)).results.length, 1)
    for (const [args, status] of [[[id, secret, 'x'], 'BAD_REFRESH_TOKEN'], [[id, 'x', refresh], 'BAD_CLIENT_SECRET']]) {
      await assert.rejects(oauth.oauth.tokensApi.create('refresh_token', undefined, undefined, ...args), (err) => {
        assert.equal(err.code, 400)
        assert.equal(err.body.status, status)
        return true
      })
    }
  },

  async 'refusals' ({ hub, where }) {
    const refused = (code, category) => (err) => {
      assert.equal(err.code, code, String(err))
      assert.equal(err.body.category, category)
      assert.equal(err.body.status, 'error')
      assert.match(err.body.correlationId, /^[0-9a-f-]{36}$/)
      return true
    }
    await assert.rejects(hub.crm.deals.basicApi.getPage(101), refused(400, 'VALIDATION_ERROR'))
    await assert.rejects(hub.crm.deals.basicApi.getPage(51, undefined, [], ['dealstage']), refused(400, 'VALIDATION_ERROR'))
    await assert.rejects(hub.crm.deals.basicApi.getById('17'), refused(404, 'OBJECT_NOT_FOUND'))
    await assert.rejects(hub.crm.deals.searchApi.doSearch({ limit: 200, after: '10000' }), refused(400, 'VALIDATION_ERROR'))
    await assert.rejects(hub.crm.deals.searchApi.doSearch({ filterGroups: [{ filters: [{ propertyName: 'bogus', operator: 'EQ', value: '1' }] }] }), refused(400, 'VALIDATION_ERROR'))
    await assert.rejects(client(where, 'pat-na1-00000000-0000-4000-8000-000000000000').crm.deals.basicApi.getPage(), refused(401, 'INVALID_AUTHENTICATION'))
    await assert.rejects(client(where, 'HUBSPOT_TOKEN').crm.deals.basicApi.getPage(), (err) => {
      refused(401, 'EXPIRED_AUTHENTICATION')(err)
      assert.match(err.body.context['expire time'][0], /^1970-01-01/)
      return true
    })
  },

  async 'a day later something has changed' ({ hub, sim }) {
    const changed = [since('2026-11-24T16:12:01Z')]
    assert.equal((await searchAll(hub, changed)).length, 0)
    await sim.command('advance 24h')
    assert.ok((await searchAll(hub, changed)).length > 20)
    const archived = await hub.crm.deals.basicApi.getPage(100, undefined, undefined, undefined, undefined, true)
    assert.equal(archived.results.length, 1)
    assert.ok(archived.results[0].archived && archived.results[0].archivedAt > archived.results[0].updatedAt)
    await assert.rejects(hub.crm.deals.basicApi.getById(archived.results[0].id), (err) => err.code === 404)
    const gone = await hub.crm.owners.ownersApi.getPage(undefined, undefined, 100, true)
    assert.ok(gone.results.some((o) => o.email === 'dana@acme.example'))
  },

  async 'a deal that is archived is archived once' ({ hub }) {
    const { results: [deal] } = await hub.crm.deals.basicApi.getPage(1)
    const before = await hub.crm.deals.basicApi.getPage(100, undefined, undefined, undefined, undefined, true)
    await hub.crm.deals.basicApi.archive(deal.id)
    await hub.crm.deals.basicApi.archive(deal.id)
    const after = await hub.crm.deals.basicApi.getPage(100, undefined, undefined, undefined, undefined, true)
    assert.equal(after.results.length, before.results.length + 1)
    const read = await hub.crm.deals.batchApi.read({ inputs: [{ id: deal.id }], properties: [], propertiesWithHistory: [] }, true)
    assert.equal(read.results[0].updatedAt.getTime(), deal.updatedAt.getTime())
    await assert.rejects(hub.crm.deals.basicApi.getById(deal.id), (err) => err.code === 404)
  },

  async 'twelve thousand deals in one millisecond' ({ hub, sim }) {
    const had = new Set((await hub.crm.deals.getAll(100)).map((d) => d.id))
    await sim.command('import 12000')
    const { results: [last] } = await hub.crm.deals.searchApi.doSearch({ sorts: ['-hs_object_id'], limit: 1 })
    const moment = last.properties.hs_lastmodifieddate
    const found = await searchAll(hub, [since(moment), { propertyName: 'hs_lastmodifieddate', operator: 'LTE', value: String(Date.parse(moment)) }])
    const fresh = found.filter((d) => !had.has(d.id))
    assert.equal(new Set(fresh.map((d) => d.id)).size, 12000)
    assert.equal(new Set(found.map((d) => d.updatedAt.getTime())).size, 1)
    assert.equal((await hub.crm.deals.getAll(100)).length, had.size + 12000)
  }
}

async function main () {
  const sim = await start(process.argv[2])
  const where = sim.where
  let passed = 0
  let failed = 0
  try {
    const hub = client(where)
    for (const [name, test] of Object.entries(tests)) {
      try {
        await test({ hub, where, sim })
        passed++
        console.log(`ok    ${name}`)
      } catch (err) {
        failed++
        console.log(`FAIL  ${name}\n${err.stack}`)
      }
    }
  } finally {
    await sim.stop()
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}

main().catch((err) => { console.error(err.message); process.exit(1) })
