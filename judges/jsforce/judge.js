// jsforce, a Salesforce client that Pipetidy's authors did not write, reads the
// simulated org as jsforce reads a real org. An answer of the simulator that
// jsforce cannot read, or reads with another meaning, fails here before a
// connector depends on that answer.
//
//   npm ci && npm test
//   node judge.js PATH-TO-A-BUILT-SIMSERVE
'use strict'
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const path = require('node:path')
const { spawn } = require('node:child_process')
const readline = require('node:readline')
const jsforce = require('jsforce')
const { QueryJobV2 } = require('jsforce/lib/api/bulk2')
const { parseCSV } = require('jsforce/lib/csv')

const root = path.join(__dirname, '..', '..')
const deals = 5000
const version = '66.0'

// start runs the simulator and waits for the line with the simulator's addresses.
async function start (binary) {
  const args = ['-deals', String(deals)]
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

// token fetches an access token by client credentials, without jsforce.
async function token (where, secret = where.client_secret) {
  const response = await fetch(where.salesforce + '/services/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: where.client_id, client_secret: secret })
  })
  return { status: response.status, body: await response.json() }
}

// drain reads all pages of a query with queryMore.
async function drain (conn, first) {
  const records = [...first.records]
  let page = first
  let pages = 1
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl)
    assert.equal(page.totalSize, first.totalSize)
    records.push(...page.records)
    pages++
  }
  return { records, pages }
}

// rowsOf runs a Bulk API 2.0 query.
async function rowsOf (conn, soql, options) {
  conn.bulk2.pollInterval = 20
  return (await conn.bulk2.query(soql, options)).toArray()
}

const id18 = /^[0-9A-Za-z]{15}[A-Z0-5]{3}$/
const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/
const date = /^\d{4}-\d\d-\d\d$/

const tests = {
  async 'a wrong secret is refused with an object' ({ where }) {
    const { status, body } = await token(where, 'wrong')
    assert.equal(status, 400)
    assert.equal(body.error, 'invalid_client')
    assert.equal(typeof body.error_description, 'string')
  },

  async 'the token reply names instance, organization and user' ({ where }) {
    const { status, body } = await token(where)
    assert.equal(status, 200)
    assert.equal(body.instance_url, where.salesforce)
    assert.match(body.id, /\/id\/00D\w{15}\/005\w{15}$/)
    assert.match(body.issued_at, /^\d{13}$/)
    assert.equal(body.expires_in, undefined)
  },

  async 'more than 2000 rows come in pages, each row once' ({ conn }) {
    const first = await conn.query('SELECT Id, Name, StageName, Amount, CloseDate, SystemModstamp, Owner.Name FROM Opportunity ORDER BY SystemModstamp, Id')
    assert.equal(first.totalSize, deals + Math.floor(deals * 2 / 3))
    assert.equal(first.records.length, 2000)
    assert.match(first.nextRecordsUrl, /\/services\/data\/v66\.0\/query\/01g\w{15}-2000$/)
    const { records, pages } = await drain(conn, first)
    assert.equal(pages, Math.ceil(first.totalSize / 2000))
    assert.equal(new Set(records.map((r) => r.Id)).size, first.totalSize)
    let last = ''
    for (const r of records) {
      assert.match(r.Id, id18)
      assert.match(r.SystemModstamp, stamp)
      assert.match(r.CloseDate, date)
      assert.ok(r.Amount === null || typeof r.Amount === 'number')
      assert.equal(r.attributes.type, 'Opportunity')
      assert.equal(r.attributes.url, `/services/data/v66.0/sobjects/Opportunity/${r.Id}`)
      assert.equal(typeof r.Owner.Name, 'string')
      assert.ok(r.SystemModstamp + r.Id >= last, 'out of order')
      last = r.SystemModstamp + r.Id
    }
  },

  async 'jsforce fetches all pages by itself' ({ conn }) {
    const result = await conn.query('SELECT Id FROM OpportunityHistory', { autoFetch: true, maxFetch: 100000 })
    assert.ok(result.totalSize > 20000, `${result.totalSize} rows`)
    assert.equal(result.records.length, result.totalSize)
  },

  async 'batchSize is followed' ({ conn }) {
    const result = await conn.query('SELECT Id FROM Opportunity', { autoFetch: false, headers: { 'Sforce-Query-Options': 'batchSize=300' } })
    assert.equal(result.records.length, 300)
  },

  async 'count' ({ conn }) {
    const result = await conn.query('SELECT COUNT() FROM Opportunity WHERE IsClosed = false')
    assert.equal(result.totalSize, deals)
    assert.equal(result.records.length, 0)
    assert.equal(await conn.sobject('Opportunity').count({ IsClosed: false }), deals)
  },

  async 'Opportunity is described' ({ conn }) {
    const d = await conn.sobject('Opportunity').describe()
    assert.equal(d.keyPrefix, '006')
    const field = (name) => d.fields.find((f) => f.name === name)
    assert.equal(field('Amount').type, 'currency')
    assert.equal(field('Decision_Criteria__c').custom, true)
    assert.equal(field('HasOpenActivity').filterable, false)
    assert.equal(field('OwnerId').relationshipName, 'Owner')
    assert.deepEqual(field('OwnerId').referenceTo, ['User'])
    assert.ok(field('StageName').picklistValues.some((v) => v.label === 'Negotiation' && v.value === 'Negotiation/Review'))
    assert.deepEqual(d.recordTypeInfos.map((t) => t.master), [false, false, true]) // each object has the master record type
    assert.equal(field('CurrencyIsoCode'), undefined)
  },

  async 'the org is described' ({ conn }) {
    const d = await conn.describeGlobal()
    for (const name of ['Opportunity', 'Task', 'Event', 'User', 'OpportunityStage', 'OpportunityHistory']) {
      assert.ok(d.sobjects.some((o) => o.name === name), name)
    }
  },

  async 'stages come in order, API name beside label' ({ conn }) {
    const { records } = await conn.query('SELECT Id, MasterLabel, ApiName, SortOrder, IsActive, IsClosed, IsWon, ForecastCategoryName FROM OpportunityStage ORDER BY SortOrder')
    assert.deepEqual(records.filter((s) => s.IsActive).map((s) => s.MasterLabel), ['Prospecting', 'Discovery', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'])
    assert.deepEqual(records.filter((s) => s.IsWon).map((s) => s.ApiName), ['Closed Won'])
  },

  async 'tasks name their opportunity' ({ conn }) {
    const { records } = await conn.query("SELECT Id, WhatId, What.Type, What.Name, Who.Name, ActivityDate, Status, IsClosed, TaskSubtype FROM Task WHERE What.Type = 'Opportunity' AND TaskSubtype = 'Call' ORDER BY Id LIMIT 50", { scanAll: true })
    assert.equal(records.length, 50)
    for (const t of records) {
      assert.match(t.Id, /^00T/)
      assert.match(t.WhatId, /^006/)
      assert.equal(t.What.Type, 'Opportunity')
      assert.equal(t.What.attributes.type, 'Opportunity')
      assert.match(t.ActivityDate, date)
      assert.equal(t.IsClosed, t.Status === 'Completed')
    }
  },

  async 'archived tasks are in queryAll only' ({ conn }) {
    const soql = 'SELECT COUNT() FROM Task WHERE IsArchived = true'
    assert.equal((await conn.query(soql)).totalSize, 0)
    assert.ok((await conn.query(soql, { scanAll: true })).totalSize > 0)
  },

  async 'conditions that jsforce writes' ({ conn }) {
    const from = jsforce.SfDate.toDateLiteral(new Date('2026-12-01T00:00:00Z'))
    const since = jsforce.SfDate.toDateTimeLiteral(new Date('2026-11-01T00:00:00Z'))
    const records = await conn.sobject('Opportunity')
      .find({ IsClosed: false, CloseDate: { $gte: from }, SystemModstamp: { $gt: since }, StageName: { $in: ['Proposal', 'Discovery'] }, NextStep: { $ne: null } }, ['Id', 'Name', 'CloseDate', 'StageName', 'NextStep'])
      .sort({ CloseDate: 1, Id: -1 }).limit(20)
    assert.equal(records.length, 20)
    for (const r of records) {
      assert.ok(r.CloseDate >= '2026-12-01' && ['Proposal', 'Discovery'].includes(r.StageName) && r.NextStep)
    }
  },

  async 'a name full of quotes and control characters arrives unchanged' ({ conn }) {
    const { records } = await conn.query("SELECT Id, Name FROM Opportunity WHERE Name LIKE '%Bcc:%'")
    assert.equal(records.length, 1)
    const name = records[0].Name
    assert.ok(name.startsWith('"\r\nBcc: x@y" <b>& |> <!channel> =cmd()') && name.includes('\u202e'))
    const again = await conn.sobject('Opportunity').findOne({ Name: name }, ['Id'])
    assert.equal(again.Id, records[0].Id)
  },

  async 'one record' ({ conn }) {
    const found = await conn.sobject('Opportunity').findOne({ Name: 'Globex renewal' }, ['Id', 'Amount'])
    assert.equal(found.Amount, 86000)
    const whole = await conn.sobject('Opportunity').retrieve(found.Id)
    assert.equal(whole.Name, 'Globex renewal')
    assert.equal(whole.ForecastCategoryName, 'Commit')
    assert.equal((await conn.sobject('Opportunity').retrieve(found.Id.slice(0, 15))).Id, found.Id)
  },

  async 'limits are told' ({ conn }) {
    const limits = await conn.limits()
    assert.equal(limits.DailyApiRequests.Max, 100000)
    assert.equal(conn.limitInfo.apiUsage.limit, 100000)
    assert.ok(conn.limitInfo.apiUsage.used > 0)
  },

  async 'a composite is one call' ({ conn }) {
    const remaining = async () => (await conn.limits()).DailyApiRequests.Remaining
    const before = await remaining()
    const url = (path, soql) => `/services/data/v66.0/${path}?q=${encodeURIComponent(soql)}`
    const { compositeResponse: [users, tasks, describe, wrong] } = await conn.request({
      method: 'POST',
      url: '/composite',
      body: JSON.stringify({
        allOrNone: false,
        compositeRequest: [
          { method: 'GET', url: url('query', 'SELECT Id FROM User'), referenceId: 'users' },
          { method: 'GET', url: url('queryAll', 'SELECT Id FROM Task'), referenceId: 'tasks', httpHeaders: { 'Sforce-Query-Options': 'batchSize=200' } },
          { method: 'GET', url: '/services/data/v66.0/sobjects/Event/describe', referenceId: 'events' },
          { method: 'GET', url: url('query', 'SELECT Nope FROM User'), referenceId: 'wrong' }
        ]
      }),
      headers: { 'content-type': 'application/json' }
    })
    assert.equal(before - await remaining(), 2, 'one call for the composite, one for the limits')
    assert.equal(users.httpStatusCode, 200)
    assert.equal(users.referenceId, 'users')
    assert.ok(users.body.totalSize > 0)
    assert.equal(tasks.body.records.length, 200)
    assert.equal((await conn.queryMore(tasks.body.nextRecordsUrl)).records.length, 200)
    assert.equal(describe.body.name, 'Event')
    assert.equal(wrong.httpStatusCode, 400)
    assert.equal(wrong.body[0].errorCode, 'INVALID_FIELD')
  },

  async 'bulk2 and REST read the same rows' ({ conn }) {
    const soql = 'SELECT Id, Name, Amount, CloseDate, IsClosed, NextStep, SystemModstamp, Owner.Name FROM Opportunity'
    const bulk = await rowsOf(conn, soql)
    const rest = (await conn.query(soql, { autoFetch: true, maxFetch: 100000 })).records
    assert.equal(bulk.length, rest.length)
    const byId = new Map(bulk.map((r) => [r.Id, r]))
    for (const r of rest) {
      const b = byId.get(r.Id)
      assert.equal(b.Name, r.Name)
      assert.equal(b.Amount === '' ? null : Number(b.Amount), r.Amount)
      assert.equal(b.CloseDate, r.CloseDate)
      assert.equal(b.IsClosed, String(r.IsClosed))
      assert.equal(b.NextStep, r.NextStep ?? '')
      assert.equal(b.SystemModstamp, r.SystemModstamp.replace('+0000', 'Z'))
      assert.equal(b['Owner.Name'], r.Owner.Name)
    }
  },

  async 'bulk2 scanAll sees archived tasks' ({ conn }) {
    const soql = 'SELECT Id FROM Task WHERE IsArchived = true'
    const { totalSize } = await conn.query(soql, { scanAll: true })
    assert.ok(totalSize > 0)
    assert.equal((await rowsOf(conn, soql, { scanAll: true })).length, totalSize)
    assert.equal((await rowsOf(conn, soql)).length, 0)
  },

  async 'a bulk2 job goes through its states' ({ conn }) {
    const job = new QueryJobV2(conn, { bodyParams: { operation: 'query', query: 'SELECT Id FROM User' }, pollingOptions: { pollInterval: 20, pollTimeout: 5000 } })
    const opened = await job.open()
    assert.equal(opened.state, 'UploadComplete')
    assert.equal(opened.apiVersion, 66)
    await assert.rejects(job.result(), (err) => err.errorCode === 'INVALIDJOBSTATE')
    const states = []
    for (let i = 0; i < 3; i++) states.push((await job.check()).state)
    assert.deepEqual(states, ['InProgress', 'JobComplete', 'JobComplete'])
    assert.ok((await (await job.result()).toArray()).length > 0)
    await job.delete()
    await assert.rejects(job.check(), (err) => err.errorCode === 'NOT_FOUND')
    const aborted = new QueryJobV2(conn, { bodyParams: { operation: 'query', query: 'SELECT Id FROM User' }, pollingOptions: {} })
    await aborted.open()
    assert.equal((await aborted.abort()).state, 'Aborted')
  },

  // jsforce 3.10 ends its own stream after the first page, so the pages are fetched without it.
  async 'bulk2 results come in pages' ({ conn, sim }) {
    const job = new QueryJobV2(conn, { bodyParams: { operation: 'query', query: 'SELECT Id, Name FROM Account' }, pollingOptions: { pollInterval: 20, pollTimeout: 5000 } })
    await job.open()
    await job.poll()
    await sim.command('bulk-page 300')
    const ids = []
    let pages = 0
    for (let locator = ''; locator !== 'null'; pages++) {
      const response = await fetch(`${conn.instanceUrl}/services/data/v66.0/jobs/query/${job.id}/results${locator && '?locator=' + locator}`, { headers: { authorization: 'Bearer ' + conn.accessToken } })
      assert.equal(response.status, 200)
      const rows = parseCSV(await response.text())
      assert.equal(Number(response.headers.get('sforce-numberofrecords')), rows.length)
      ids.push(...rows.map((r) => r.Id))
      locator = response.headers.get('sforce-locator')
    }
    await sim.command('bulk-page 0')
    const { totalSize } = await conn.query('SELECT COUNT() FROM Account')
    assert.equal(pages, Math.ceil(totalSize / 300))
    assert.ok(pages > 1 && ids.every((id) => id18.test(id)))
    assert.equal(new Set(ids).size, totalSize)
  },

  // After this test jsforce goes on deleting the refused jobs in the background, so tests that count calls come before.
  async 'bulk2 refuses GROUP BY and unknown fields' ({ conn }) {
    for (const [soql, code] of [['SELECT StageName FROM Opportunity GROUP BY StageName', 'API_ERROR'], ['SELECT Nope FROM Opportunity', 'INVALID_FIELD']]) {
      await assert.rejects(rowsOf(conn, soql), (err) => { assert.equal(err.errorCode, code, soql); return true })
    }
  },

  async 'stages of a record type' ({ conn }) {
    const { records: [type] } = await conn.query("SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity' AND DeveloperName = 'Renewal'")
    const { values } = await conn.request(`/ui-api/object-info/Opportunity/picklist-values/${type.Id}/StageName`)
    assert.ok(values.some((v) => v.label === 'Negotiation' && v.value === 'Negotiation/Review'))
    assert.ok(!values.some((v) => v.value === 'Qualification'), 'an inactive stage is offered')
  },

  async 'jsforce refreshes by refresh token' ({ where, sim }) {
    const { refresh_token: refreshToken } = await sim.command('authorize')
    const conn = new jsforce.Connection({
      oauth2: { clientId: where.client_id, clientSecret: where.client_secret, loginUrl: where.salesforce },
      instanceUrl: where.salesforce,
      accessToken: '00D000000000001!stale',
      refreshToken,
      version
    })
    let tokens = 0
    conn.on('refresh', () => { tokens++ })
    const answers = await Promise.all([conn.query('SELECT Id FROM User'), conn.query('SELECT Id FROM OpportunityStage')])
    assert.ok(answers.every((a) => a.records.length > 0))
    assert.ok(tokens >= 1)
    const wrong = new jsforce.OAuth2({ clientId: where.client_id, clientSecret: where.client_secret, loginUrl: where.salesforce })
    await assert.rejects(wrong.refreshToken('5Aep861nonsense'), (err) => err.name === 'invalid_grant' && err.message === 'expired access/refresh token')
  },

  async 'jsforce logs in with a JWT' ({ where, sim }) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    assert.equal((await sim.command('certificate ' + publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))).error, undefined)
    const assertion = (sub, seconds) => {
      const part = (v) => Buffer.from(JSON.stringify(v)).toString('base64url')
      const text = part({ alg: 'RS256' }) + '.' + part({ iss: where.client_id, sub, aud: 'https://login.salesforce.com', exp: Math.floor(Date.parse(where.now) / 1000) + seconds })
      return text + '.' + crypto.sign('sha256', Buffer.from(text), privateKey).toString('base64url')
    }
    const conn = new jsforce.Connection({ oauth2: { clientId: where.client_id, loginUrl: where.salesforce }, version })
    await conn.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion('pipetidy@acme.example', 120) })
    assert.equal((await conn.query('SELECT Id FROM Organization')).totalSize, 1)
    for (const [sub, seconds, message] of [['ana@acme.example', 120, "user hasn't approved this consumer"], ['pipetidy@acme.example', -1, 'expired authorization code']]) {
      await assert.rejects(conn.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(sub, seconds) }), (err) => err.message === message)
    }
  },

  async 'an unknown field is INVALID_FIELD, with its place and name' ({ conn }) {
    await assert.rejects(conn.query('SELECT Id, Bogus__c FROM Opportunity'), (err) => {
      assert.equal(err.errorCode, 'INVALID_FIELD')
      assert.match(err.message, /\^\s+ERROR at Row:1:Column:12\s+No such column 'Bogus__c' on entity 'Opportunity'\./)
      return true
    })
  },

  async 'other errors' ({ conn }) {
    for (const [soql, code] of [['SELECT Id FROM Nothing', 'INVALID_TYPE'], ['SELECT FROM Account', 'MALFORMED_QUERY'],
      ["SELECT Id FROM Account WHERE Id = '001000000000000AAB'", 'MALFORMED_ID'], ['SELECT Id FROM Task WHERE Description = \'x\'', 'INVALID_FIELD']]) {
      await assert.rejects(conn.query(soql), (err) => { assert.equal(err.errorCode, code, soql); return true })
    }
    await assert.rejects(conn.queryMore('/services/data/v66.0/query/01gHs0000000000IAA-2000'), (err) => err.errorCode === 'INVALID_QUERY_LOCATOR')
    await assert.rejects(conn.request('/nothing'), (err) => err.errorCode === 'NOT_FOUND')
  },

  async 'an expired session is refreshed once, and its locator is gone' ({ conn, sim, refreshed }) {
    const first = await conn.query('SELECT Id FROM Opportunity')
    const before = refreshed.count
    assert.deepEqual(await sim.command('expire'), { done: 'expire' })
    const users = await conn.query('SELECT Id, Name, Email, IsActive FROM User')
    assert.equal(refreshed.count, before + 1)
    assert.ok(users.records.some((u) => u.Email === 'maria@acme.example' && u.IsActive))
    // Only the old session has this locator, so a connection with a refresh would refresh for ever.
    const plain = new jsforce.Connection({ instanceUrl: conn.instanceUrl, accessToken: conn.accessToken, version })
    await assert.rejects(plain.queryMore(first.nextRecordsUrl), (err) => err.errorCode === 'INVALID_SESSION_ID')
  },

  async 'without a refresh an expired session is INVALID_SESSION_ID' ({ where }) {
    const stale = new jsforce.Connection({ instanceUrl: where.salesforce, accessToken: '00D000000000001!stale', version })
    await assert.rejects(stale.query('SELECT Id FROM User'), (err) => err.errorCode === 'INVALID_SESSION_ID' && err.message === 'Session expired or invalid')
  },

  async 'a day later something has changed' ({ conn, sim }) {
    const soql = 'SELECT Id, IsDeleted FROM Opportunity WHERE SystemModstamp > 2026-11-24T16:12:00Z'
    assert.equal((await conn.query(soql)).totalSize, 0)
    await sim.command('advance 24h')
    const { totalSize, records } = await conn.query(soql, { scanAll: true, autoFetch: true })
    assert.ok(totalSize > 100, `${totalSize} changed`)
    assert.equal(records.filter((r) => r.IsDeleted).length, 1)
    // The replication endpoint tells the deleted deal too.
    const { deletedRecords } = await conn.sobject('Opportunity').deleted('2026-11-24T16:12:00Z', '2026-11-25T16:12:00Z')
    assert.deepEqual(deletedRecords.map((d) => d.id), records.filter((r) => r.IsDeleted).map((r) => r.Id))
    const dana = await conn.sobject('User').findOne({ Email: 'dana@acme.example' }, ['IsActive'])
    assert.equal(dana.IsActive, false)
  }
}

async function main () {
  const sim = await start(process.argv[2])
  const where = sim.where
  const refreshed = { count: 0 }
  let passed = 0
  let failed = 0
  try {
    const { body } = await token(where)
    const conn = new jsforce.Connection({
      instanceUrl: body.instance_url,
      accessToken: body.access_token,
      version,
      refreshFn: (_, done) => {
        refreshed.count++
        token(where).then(({ body }) => done(null, body.access_token), done)
      }
    })
    for (const [name, test] of Object.entries(tests)) {
      try {
        await test({ conn, where, sim, refreshed })
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
