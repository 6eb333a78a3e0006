-- SPDX-License-Identifier: Apache-2.0
-- The health of every kind of werkplek.dev to Argo CD, by the conditions that all of
-- them have: what waits for a person is Degraded, what comes by itself Progressing,
-- and what rests on purpose Healthy.
local found = {}
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  found[condition.type] = condition
end
local function health(word, condition)
  return { status = word, message = condition.reason .. ": " .. (condition.message or "") }
end
if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "it is being deleted" }
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not looked at it yet" }
end
if found.Stalled ~= nil and found.Stalled.status == "True" then
  return health("Degraded", found.Stalled)
end
if found.Reconciling ~= nil and found.Reconciling.status == "True" then
  return health("Progressing", found.Reconciling)
end
if found.Ready == nil then
  return { status = "Healthy", message = "" }
end
if found.Ready.status == "True" then
  return health("Healthy", found.Ready)
end
return health("Progressing", found.Ready)
