-- A second opinion on the server under load, by wrk (github.com/wg/wrk) instead of our own clients (serve.rs).
--
--   refrain serve news.refrain
--   BODIES=bodies.jsonl ASK=/embed wrk -t1 -c16 -d10s --latency --timeout 60s -s benches/serve.lua http://127.0.0.1:8765
--
-- Every line of BODIES is the JSON body of one request to ASK, taken in turn. Said at the end: answers by status, and the
-- requests that had none.

local bodies = {}
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
local headers, at = { ["Content-Type"] = "application/json" }, 0
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init()
  statuses = {}
  at = math.random(#bodies)
end

function request()
  at = at % #bodies + 1
  return wrk.format("POST", os.getenv("ASK"), headers, bodies[at])
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency)
  local all = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do all[status] = (all[status] or 0) + count end
  end
  for status, count in pairs(all) do print(("status %d: %d"):format(status, count)) end
  local errors = summary.errors
  print(("no answer: connect %d, read %d, write %d, timeout %d"):format(errors.connect, errors.read, errors.write, errors.timeout))
  print(("p50 %.1f ms, p99 %.1f ms"):format(latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
