-- wrk: guarded reads of records chosen at random, in one session.
--
--	wrk -s read.lua URL -- SESSION PREFIX IDS QUERY SEED
--
-- PREFIX/ID?QUERY is asked for; IDS is a file of ids, one a line. The last
-- line of output is for a program: "bench" and numbers, times in microseconds.

local headers, targets

function init(args)
	local ids = {}
	for id in io.lines(args[3]) do
		ids[#ids + 1] = id
	end
	math.randomseed(tonumber(args[5]))
	targets = ids
	headers = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
	    "\r\nAuthorization: Bearer " .. args[1] .. "\r\n\r\n"
	before = "GET " .. args[2] .. "/"
	headers = "?" .. args[4] .. headers
end

function request()
	return before .. targets[math.random(#targets)] .. headers
end

function done(summary, latency)
	local e = summary.errors
	print(string.format("bench %d %d %d %d %d %d %d %d %d",
	    summary.requests, summary.duration, summary.bytes,
	    latency:percentile(50), latency:percentile(99),
	    e.status, e.connect + e.read + e.write, e.timeout, latency.max))
end
