-- Forwards every study to the DICOMweb server "record" once nothing more of it has come for StableAge seconds. What comes later makes
-- the study stable anew, and it is sent whole again: what the server has already it does not store twice.

-- Kept with a study: how many instances of it had been forwarded when last a forwarding succeeded.
local forwarded = '4000'

local attemptsLimit = 20
local jobs = {}
local waiting = {}
local attempts = {}

local function Count(study)
  return tostring(math.floor(tonumber(ParseJson(RestApiGet('/studies/' .. study .. '/statistics')).CountInstances)))
end

local function Forward(study)
  local job = ParseJson(RestApiPost('/dicom-web/servers/record/stow', DumpJson({ Resources = { study }, Synchronous = false })))
  jobs[job.ID] = { study = study, count = Count(study) }
end

function OnStableStudy(studyId, tags, metadata)
  waiting[studyId] = nil
  attempts[studyId] = nil
  Forward(studyId)
end

-- While the server is away jobs fail at once, so what failed waits: the first that gets through takes the others along.
function OnJobFailure(jobId)
  local job = jobs[jobId]
  if job then
    jobs[jobId] = nil
    waiting[job.study] = true
  end
end

function OnJobSuccess(jobId)
  local job = jobs[jobId]
  if not job then
    return
  end
  jobs[jobId] = nil
  RestApiPut('/studies/' .. job.study .. '/metadata/' .. forwarded, job.count)
  local again = waiting
  waiting = {}
  for study in pairs(again) do
    attempts[study] = (attempts[study] or 0) + 1
    if attempts[study] <= attemptsLimit then
      Forward(study)
    end
  end
end

-- Which job was whose is forgotten when Orthanc ends, so at its start it sends what had not been forwarded, or has grown since.
function Initialize()
  for _, study in ipairs(ParseJson(RestApiGet('/studies'))) do
    local known = false
    for _, name in ipairs(ParseJson(RestApiGet('/studies/' .. study .. '/metadata'))) do
      known = known or name == forwarded
    end
    if not known or RestApiGet('/studies/' .. study .. '/metadata/' .. forwarded) ~= Count(study) then
      Forward(study)
    end
  end
end
