-- Forwards every study to the DICOMweb server "record" once nothing more of it has come for StableAge seconds. What comes later makes
-- the study stable anew, and it is sent whole again: what the server has already it does not store twice.

local attempts = {}
local attemptsLimit = 20

local function Forward(study)
  RestApiPost('/dicom-web/servers/record/stow', DumpJson({ Resources = { study }, Synchronous = false }))
end

function OnStableStudy(studyId, tags, metadata)
  Forward(studyId)
end

-- While the server is away jobs fail at once, so they wait: the first one that gets through, or the next start, sends the others again.
local function Retry()
  for _, job in ipairs(ParseJson(RestApiGet('/jobs?expand'))) do
    if job.Type == 'DicomWebStowClient' and job.State == 'Failure' then
      attempts[job.ID] = (attempts[job.ID] or 0) + 1
      if attempts[job.ID] <= attemptsLimit then
        RestApiPost('/jobs/' .. job.ID .. '/resubmit', '')
      end
    end
  end
end

function OnJobSuccess(jobId)
  if ParseJson(RestApiGet('/jobs/' .. jobId)).Type == 'DicomWebStowClient' then
    Retry()
  end
end

function Initialize()
  Retry()
end
