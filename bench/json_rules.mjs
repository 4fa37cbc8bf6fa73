// The worked example for json-rules-engine, timed inside Node: bench/engines.py sends customers as JSON lines
// on standard input and reads back, as JSON, the outcomes and the time of each round in nanoseconds.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const require = createRequire(process.cwd() + '/')
const { Engine } = require('json-rules-engine')
const { bands, tiers, benefits, customers, rounds } = JSON.parse(readFileSync(0, 'utf8'))

const all = (...conditions) => ({ all: conditions })
const is = (fact, operator, value) => ({ fact, operator, value })

const scoring = new Engine()
bands.forEach(([high, points], at) => {
  const conditions = []
  if (high !== null) conditions.push(is('order_amount', 'lessThan', high))
  if (at > 0) conditions.push(is('order_amount', 'greaterThanInclusive', bands[at - 1][0]))
  scoring.addRule({ conditions: { all: conditions }, event: { type: 'base', params: { points } } })
})
for (const [points, conditions] of [
  [5, all(is('demand_types', 'greaterThanInclusive', 3))],
  [10, all(is('listed', 'equal', false), is('valuation', 'equal', 'high'))],
  [-10, all(is('days_overdue', 'greaterThan', 30))],
  [-5, all(is('hard_to_reach', 'equal', true))],
]) scoring.addRule({ conditions, event: { type: 'variable', params: { points } } })

const grading = new Engine()
tiers.forEach(([low, tier], at) => {
  const conditions = []
  if (low !== null) conditions.push(is('total', 'greaterThanInclusive', low))
  if (at > 0) conditions.push(is('total', 'lessThan', tiers[at - 1][0]))
  grading.addRule({ conditions: { all: conditions }, event: { type: 'tier', params: { tier } } })
})

const granting = new Engine()
for (const [stage, name, byTier] of benefits) {
  for (const [tier, value] of Object.entries(byTier)) {
    const conditions = all(is('stage', 'equal', stage), is('grade', 'equal', tier))
    granting.addRule({ conditions, event: { type: 'benefit', params: { name, value } } })
  }
}

const between = (low, high, value) => Math.max(low, Math.min(high, value))

async function decide (facts) {
  let base = 0
  let variable = Math.min(facts.referrals * 5, 20)
  for (const event of (await scoring.run(facts)).events) {
    if (event.type === 'base') base = event.params.points
    else variable += event.params.points
  }
  const total = between(0, 100, base + between(-30, 50, variable))
  let grade = (await grading.run({ total })).events[0].params.tier
  if (facts.strategic && grade > 'B') grade = 'B'
  if (facts.days_overdue > 90 && grade < 'C') grade = 'C'
  const events = (await granting.run({ stage: facts.stage, grade })).events
  return [total, grade, Object.fromEntries(events.map(({ params }) => [params.name, params.value]))]
}

const outcomes = []
for (const facts of customers) outcomes.push(await decide(facts))
const times = []
for (let round = 0; round < rounds; round++) {
  const start = process.hrtime.bigint()
  for (const facts of customers) await decide(facts)
  times.push(Number(process.hrtime.bigint() - start) / customers.length)
}
console.log(JSON.stringify({ outcomes, times }))
