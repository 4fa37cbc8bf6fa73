update chain_heads set seq = 30, hash = '80b131cbe29c534125d7cd9e450cb80fee0dd5e655e90758120eb58af146b6ba' where name = 'events';
update chain_heads set seq = 0, hash = '0000000000000000000000000000000000000000000000000000000000000000' where name = 'records';
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (1, 5, 'published', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', null, 'ann', '["bob"]', 'because', null, null, 1, '2026-06-01 08:00:00.000000', '2026-06-01 08:00:00.000000', '2026-06-01 08:00:00.000000');
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (2, 5, 'published', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "关键客户 100%" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4', '[]', null, 'ann', '["bob"]', 'because', null, null, 2, '2026-06-02 08:00:00.000000', '2026-06-02 08:00:00.000000', '2026-06-02 08:00:00.000000');
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (3, 5, 'published', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', null, 'bob', '["ann"]', 'the new one is wrong', null, 1, 3, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000');
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (4, 5, 'published', 'using', 'policy using "Uses"
use "pack.tier"
tiers level
  A when region is north
  B otherwise
', 'sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60', '[["pack.tier","policy pack \"Pack\"\nfact region: one of north, south \"Region\"\n"]]', null, 'ann', '["bob"]', 'uses; and more', null, null, 1, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000');
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (5, 1, 'draft', null, 'not yet a policy', 'sha256:4891b868740e891bd83f1975096321daa82a73e034762e1828e83bf3401f63cf', '[]', null, 'cai', '[]', null, null, null, null, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', null);
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (6, 4, 'rejected', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', 'tests:
  - {name: a, given: {orders: 1}, expect: {grade: B}}
', 'cai', '[]', 'why not', 'not now', null, null, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000');
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (7, 2, 'withdrawn', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', null, 'cai', '[]', null, null, null, null, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', null);
insert into drafts (id, revision, state, policy, text, hash, uses, tests, author, approvers, reason, comment, rolled_back, version, created_at, changed_at, submitted_at) values (8, 3, 'submitted', 'grading', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
', 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', null, 'cai', '[]', 'again', null, null, null, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (1, '2026-06-01 08:00:00.000000', 'created', 'ann', 'grading', 1, null, null, '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":1,"uses":[]}', '274960a53514e70198250b5d83f4e84388348ea08d64c527e322be95246516ec', '0000000000000000000000000000000000000000000000000000000000000000', 'f2fcf67f1a4c0e5545f4ca004299dd90ec825b767a89201f3ea18099247849ce');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (2, '2026-06-01 08:00:00.000000', 'checked', 'ann', 'grading', 1, null, null, '{"errors":0,"failed":0,"revision":2,"tests":1,"warnings":0}', '7bdb524bba074d61f18d40b8252aeca4f1a710be0a7e82f25e70bc0e028e434e', 'f2fcf67f1a4c0e5545f4ca004299dd90ec825b767a89201f3ea18099247849ce', 'a77c1f9cdeb7140788ce8cbe71abce891c92cfbbcba8d0b665e1f4fe86bc8aa9');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (3, '2026-06-01 08:00:00.000000', 'submitted', 'ann', 'grading', 1, null, 'because', '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":3}', '453ec2d627fecdbe370fbaeadc8501dcceff0a3aa94b0b433a6f55f978e73947', 'a77c1f9cdeb7140788ce8cbe71abce891c92cfbbcba8d0b665e1f4fe86bc8aa9', '1253b12a79f6d6ffd41b1d91f7a127c8d281b45071c8a9e4d151775099ac0778');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (4, '2026-06-01 08:00:00.000000', 'approved', 'bob', 'grading', 1, null, null, '{"approvals":1,"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","needed":1,"revision":4}', '6794b5fb3c1d9837ea5a6ff303485ab1a670b514eb83f449ad846cd851bf12a2', '1253b12a79f6d6ffd41b1d91f7a127c8d281b45071c8a9e4d151775099ac0778', '4aaae437ca893f29bff2a394cd4e80d354deb0721398530dc55ae8f3ceb5fa31');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (5, '2026-06-01 08:00:00.000000', 'published', 'bob', 'grading', 1, 1, null, '{"revision":5,"version":{"approvers":["bob"],"author":"ann","comment":null,"draft":1,"event":5,"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","language_version":1,"number":1,"policy":"grading","published_at":"2026-06-01T08:00:00.000000+00:00","publisher":"bob","reason":"because","rolled_back":null,"start":"2026-06-01","submitted_at":"2026-06-01T08:00:00.000000+00:00","timezone":"Asia/Shanghai","title":"Grading","uses":[]}}', 'f34718b578317107b19393bea416ebab17e80c6565f4fb17ea5c38ac69f7b58a', '4aaae437ca893f29bff2a394cd4e80d354deb0721398530dc55ae8f3ceb5fa31', '0b52e0db7b971eadb008e4455ad0ea60104ca61db2fdf97cdd5c3186740ebbc8');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (6, '2026-06-02 08:00:00.000000', 'created', 'ann', 'grading', 2, null, null, '{"hash":"sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4","revision":1,"uses":[]}', 'af50385638c82b0a6ea99d05bf10cdc05b4b8c01701dfa63db865b8144da12fc', '0b52e0db7b971eadb008e4455ad0ea60104ca61db2fdf97cdd5c3186740ebbc8', 'e093da6ac3409fa3270295be7d8b685d1ef1d4b05f8d4d67a45ced128f4ed853');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (7, '2026-06-02 08:00:00.000000', 'checked', 'ann', 'grading', 2, null, null, '{"errors":0,"failed":0,"revision":2,"tests":1,"warnings":0}', '7bdb524bba074d61f18d40b8252aeca4f1a710be0a7e82f25e70bc0e028e434e', 'e093da6ac3409fa3270295be7d8b685d1ef1d4b05f8d4d67a45ced128f4ed853', 'f8d1a93577cde2f376a450fb04fea3952edc8c7000d56516c45232e3ac67b1f3');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (8, '2026-06-02 08:00:00.000000', 'submitted', 'ann', 'grading', 2, null, 'because', '{"hash":"sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4","revision":3}', '95fd90ca0e6e80516561f285f888047271b68e74ecd3c1e2544d9e2c3cf2e7b1', 'f8d1a93577cde2f376a450fb04fea3952edc8c7000d56516c45232e3ac67b1f3', '63486ad19e51856bd45441a01819b52ffc47e036ab0376a30f79de6313cc624f');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (9, '2026-06-02 08:00:00.000000', 'approved', 'bob', 'grading', 2, null, null, '{"approvals":1,"hash":"sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4","needed":1,"revision":4}', 'd8806cc3171795d870fd820ea2e3449949b9b02b843bc898108b15ff00ff93a2', '63486ad19e51856bd45441a01819b52ffc47e036ab0376a30f79de6313cc624f', 'a560654f2e6a7c730aa89c07dc77a1ffdf4b4b3509b2183b7e8b9fa9305bc2ef');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (10, '2026-06-02 08:00:00.000000', 'published', 'bob', 'grading', 2, 2, null, '{"revision":5,"version":{"approvers":["bob"],"author":"ann","comment":null,"draft":2,"event":10,"hash":"sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4","language_version":1,"number":2,"policy":"grading","published_at":"2026-06-02T08:00:00.000000+00:00","publisher":"bob","reason":"because","rolled_back":null,"start":"2026-09-01","submitted_at":"2026-06-02T08:00:00.000000+00:00","timezone":"Asia/Shanghai","title":"Grading","uses":[]}}', 'f0d066dbf73fda752da43253c37f22a22028561ce1c244b44820dcd4a9aa4c06', 'a560654f2e6a7c730aa89c07dc77a1ffdf4b4b3509b2183b7e8b9fa9305bc2ef', 'd9bcc7811b2d5430d602493ed0ea7bbf3238f8108553387dc099f83913fd59e3');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (11, '2026-06-03 08:00:00.000000', 'created', 'bob', 'grading', 3, null, null, '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":1,"rolled_back":1,"uses":[]}', '18e117b2b57628e7c145cc7d8b34b5f8493454c84fd99acd21128e9c759b1042', 'd9bcc7811b2d5430d602493ed0ea7bbf3238f8108553387dc099f83913fd59e3', 'e0628f4874e705680476d39f10a9dc5e9f1fbe3f0b79a2397cae33c026179f5b');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (12, '2026-06-03 08:00:00.000000', 'checked', 'bob', 'grading', 3, null, null, '{"errors":0,"failed":0,"revision":2,"tests":1,"warnings":0}', '7bdb524bba074d61f18d40b8252aeca4f1a710be0a7e82f25e70bc0e028e434e', 'e0628f4874e705680476d39f10a9dc5e9f1fbe3f0b79a2397cae33c026179f5b', '2da9ae01674b27b0230fd33784c0e0427ca38efa414bb84e1d24df0eca5d3937');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (13, '2026-06-03 08:00:00.000000', 'submitted', 'bob', 'grading', 3, null, 'the new one is wrong', '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":3}', '453ec2d627fecdbe370fbaeadc8501dcceff0a3aa94b0b433a6f55f978e73947', '2da9ae01674b27b0230fd33784c0e0427ca38efa414bb84e1d24df0eca5d3937', 'ef96f018451ad49fe1ea2daeda22fa5ac93c78b699aa0b068ba3587591246fc4');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (14, '2026-06-03 08:00:00.000000', 'approved', 'ann', 'grading', 3, null, 'it''s urgent', '{"approvals":1,"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","needed":1,"revision":4}', '6794b5fb3c1d9837ea5a6ff303485ab1a670b514eb83f449ad846cd851bf12a2', 'ef96f018451ad49fe1ea2daeda22fa5ac93c78b699aa0b068ba3587591246fc4', 'a51e8de2077473a3438795e51debf8b0bbe7df9e7c6a2eb106b76ffd08f44aa6');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (15, '2026-06-03 08:00:00.000000', 'published', 'ann', 'grading', 3, 3, 'it''s urgent', '{"revision":5,"version":{"approvers":["ann"],"author":"bob","comment":"it''s urgent","draft":3,"event":15,"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","language_version":1,"number":3,"policy":"grading","published_at":"2026-06-03T08:00:00.000000+00:00","publisher":"ann","reason":"the new one is wrong","rolled_back":1,"start":"2026-09-01","submitted_at":"2026-06-03T08:00:00.000000+00:00","timezone":"Asia/Shanghai","title":"Grading","uses":[]}}', '2f02504ead6a13930715109b934da1446f03baff5d233b31de21836a7a428f2c', 'a51e8de2077473a3438795e51debf8b0bbe7df9e7c6a2eb106b76ffd08f44aa6', '56c97ca3a00c8015352032d17896ce3dcb59eac703437a423fe7d3d4728235de');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (16, '2026-06-03 08:00:00.000000', 'created', 'ann', 'using', 4, null, null, '{"hash":"sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60","revision":1,"uses":[["pack.tier","sha256:51e72e55069d58848026ff26086388eff19191dfd8cff7f77e0ccfc5cc3658a2"]]}', 'eb4958303fbb96c7735fd4759df5481d6bdc1aaba0a8204d248c538d7012c615', '56c97ca3a00c8015352032d17896ce3dcb59eac703437a423fe7d3d4728235de', 'bf7e029355adb8e1b8ba42b1bdfe602c6faa738708b6b79014e287a1cbef4f56');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (17, '2026-06-03 08:00:00.000000', 'checked', 'ann', 'using', 4, null, null, '{"errors":0,"failed":0,"revision":2,"tests":0,"warnings":0}', '2c2f6f0c922b75075989cf601a3c5e9ca804bcc79088b0fdd93b3acf66eed1ff', 'bf7e029355adb8e1b8ba42b1bdfe602c6faa738708b6b79014e287a1cbef4f56', '554e469f3b7a1479db2b4a30e36fdc55c8927bc8b128cf2c0aca71ff0fbd30a7');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (18, '2026-06-03 08:00:00.000000', 'submitted', 'ann', 'using', 4, null, 'uses; and more', '{"hash":"sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60","revision":3}', '71ed54e424e66e5bd555aa942b1aa5e69539e4048eaaf77cc90b01f228e54a3f', '554e469f3b7a1479db2b4a30e36fdc55c8927bc8b128cf2c0aca71ff0fbd30a7', 'ee10f6f75b8cc5c0b9349bd9f6d15c04d12eefe1d543c2827f1d1a3b32c8c68d');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (19, '2026-06-03 08:00:00.000000', 'approved', 'bob', 'using', 4, null, null, '{"approvals":1,"hash":"sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60","needed":1,"revision":4}', 'f4fb2d62f186f60520801b9520474760860cae0b2d5ff698b3d9ee9f77b22cda', 'ee10f6f75b8cc5c0b9349bd9f6d15c04d12eefe1d543c2827f1d1a3b32c8c68d', '2189ed6457d2534f634abb8e651642812f58f81be381a3aa205b90d4e8ccf52a');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (20, '2026-06-03 08:00:00.000000', 'published', 'bob', 'using', 4, 1, null, '{"revision":5,"version":{"approvers":["bob"],"author":"ann","comment":null,"draft":4,"event":20,"hash":"sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60","language_version":1,"number":1,"policy":"using","published_at":"2026-06-03T08:00:00.000000+00:00","publisher":"bob","reason":"uses; and more","rolled_back":null,"start":"2026-06-03","submitted_at":"2026-06-03T08:00:00.000000+00:00","timezone":null,"title":"Uses","uses":[["pack.tier","sha256:51e72e55069d58848026ff26086388eff19191dfd8cff7f77e0ccfc5cc3658a2"]]}}', '3197dd2b5ae2a5e07f30b67f31b109179a6cb8cdc83462944ef9f245de8e2a92', '2189ed6457d2534f634abb8e651642812f58f81be381a3aa205b90d4e8ccf52a', '3988fc5334697bab8623617bbbbe8f39d567850bc453fcfc4e82f01a197ec884');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (21, '2026-06-03 08:00:00.000000', 'created', 'cai', null, 5, null, null, '{"hash":"sha256:4891b868740e891bd83f1975096321daa82a73e034762e1828e83bf3401f63cf","revision":1,"uses":[]}', 'd8b085a945fea8d12bf93a04d49ff418d1a0d1859616d0f2f117f8824a566346', '3988fc5334697bab8623617bbbbe8f39d567850bc453fcfc4e82f01a197ec884', '3f8eb67a66ae466cbcb100874dc0409f83b71f47b1b33e48631d4077d55d9d82');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (22, '2026-06-03 08:00:00.000000', 'created', 'cai', 'grading', 6, null, null, '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":1,"tests":"sha256:ed07813e6bf3baf443ee71d884755616236ab475c0870fd1d2194c586ceb6a65","uses":[]}', 'a68f25e40eabde98abb15d130668750f17c733fcca9428bb789bbad2b445dfa6', '3f8eb67a66ae466cbcb100874dc0409f83b71f47b1b33e48631d4077d55d9d82', 'e42c6b54309cc403c5a2356d09fbb76bb7d32821bf6a7c5cd0a9daee07c181ec');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (23, '2026-06-03 08:00:00.000000', 'checked', 'cai', 'grading', 6, null, null, '{"errors":0,"failed":0,"revision":2,"tests":2,"warnings":0}', '047b06d80a5a178de976e6e4a97f23ed2517f7ecb6efeb51aa42010c3abd7097', 'e42c6b54309cc403c5a2356d09fbb76bb7d32821bf6a7c5cd0a9daee07c181ec', 'fc985d5e416dc7a6a250110b0ea888466810194e06885db404fc2eb188770ac6');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (24, '2026-06-03 08:00:00.000000', 'submitted', 'cai', 'grading', 6, null, 'why not', '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":3}', '453ec2d627fecdbe370fbaeadc8501dcceff0a3aa94b0b433a6f55f978e73947', 'fc985d5e416dc7a6a250110b0ea888466810194e06885db404fc2eb188770ac6', '697862040e8a16d9f74835ee7e196eea22b4ba15c89e1b7fcaa2eb42301b0109');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (25, '2026-06-03 08:00:00.000000', 'rejected', 'bob', 'grading', 6, null, 'not now', '{"revision":4}', 'ba458bf4eb51b8afd7eba830994664a09ea2dcec65533b99ac119d539ba9602c', '697862040e8a16d9f74835ee7e196eea22b4ba15c89e1b7fcaa2eb42301b0109', 'c566bf7a307a5d0524e99c8eaa72d2bfba188697edf27b60164bcc080887ab96');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (26, '2026-06-03 08:00:00.000000', 'created', 'cai', 'grading', 7, null, null, '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":1,"uses":[]}', '274960a53514e70198250b5d83f4e84388348ea08d64c527e322be95246516ec', 'c566bf7a307a5d0524e99c8eaa72d2bfba188697edf27b60164bcc080887ab96', 'bec3dd724c87f43f7680e2fc91f03634c6fe778b3ad64ddf1bc8a0052fde35dc');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (27, '2026-06-03 08:00:00.000000', 'withdrawn', 'cai', 'grading', 7, null, null, '{"revision":2}', '3b23faf0f40b160965c92927d2c09de991a25486c3d3d27063cd72874c158027', 'bec3dd724c87f43f7680e2fc91f03634c6fe778b3ad64ddf1bc8a0052fde35dc', '031ca8752eda70a859e6fba00cf1b2d23b6af8375cecd131d858e1762e34abbb');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (28, '2026-06-03 08:00:00.000000', 'created', 'cai', 'grading', 8, null, null, '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":1,"uses":[]}', '274960a53514e70198250b5d83f4e84388348ea08d64c527e322be95246516ec', '031ca8752eda70a859e6fba00cf1b2d23b6af8375cecd131d858e1762e34abbb', 'fee28928c16c55b1dfdba03485505b5f06bb0ed47b61cd4687ddc438adf96b54');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (29, '2026-06-03 08:00:00.000000', 'checked', 'cai', 'grading', 8, null, null, '{"errors":0,"failed":0,"revision":2,"tests":1,"warnings":0}', '7bdb524bba074d61f18d40b8252aeca4f1a710be0a7e82f25e70bc0e028e434e', 'fee28928c16c55b1dfdba03485505b5f06bb0ed47b61cd4687ddc438adf96b54', 'f49be8d426a9c1b8a7f55bb050c132e690987290e26567c58ad10a0e5fcd44b3');
insert into events (seq, at, kind, actor, policy, draft, version, reason, payload, payload_hash, prev, hash) values (30, '2026-06-03 08:00:00.000000', 'submitted', 'cai', 'grading', 8, null, 'again', '{"hash":"sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753","revision":3}', '453ec2d627fecdbe370fbaeadc8501dcceff0a3aa94b0b433a6f55f978e73947', 'f49be8d426a9c1b8a7f55bb050c132e690987290e26567c58ad10a0e5fcd44b3', '80b131cbe29c534125d7cd9e450cb80fee0dd5e655e90758120eb58af146b6ba');
insert into texts (hash, text) values ('sha256:51e72e55069d58848026ff26086388eff19191dfd8cff7f77e0ccfc5cc3658a2', 'policy pack "Pack"
fact region: one of north, south "Region"
');
insert into texts (hash, text) values ('sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "Key" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
');
insert into texts (hash, text) values ('sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4', 'policy grading "Grading"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
fact orders: money "Orders", at least 0
set bar: money = 100
  from 2026-07-01: 200
tiers grade by orders
  A "关键客户 100%" from bar
  B "Other" otherwise
example "much"
  given orders = 500
  expect grade = A
');
insert into texts (hash, text) values ('sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60', 'policy using "Uses"
use "pack.tier"
tiers level
  A when region is north
  B otherwise
');
insert into versions (policy, number, hash, uses, language_version, title, timezone, author, approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft, event) values ('grading', 1, 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', 1, 'Grading', 'Asia/Shanghai', 'ann', '["bob"]', 'bob', 'because', null, '2026-06-01 08:00:00.000000', '2026-06-01 08:00:00.000000', '2026-06-01', null, 1, 5);
insert into versions (policy, number, hash, uses, language_version, title, timezone, author, approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft, event) values ('grading', 2, 'sha256:dd9c3f66c7345c49b01d71194b94c194dda0874f89e314d5736827ade86264e4', '[]', 1, 'Grading', 'Asia/Shanghai', 'ann', '["bob"]', 'bob', 'because', null, '2026-06-02 08:00:00.000000', '2026-06-02 08:00:00.000000', '2026-09-01', null, 2, 10);
insert into versions (policy, number, hash, uses, language_version, title, timezone, author, approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft, event) values ('grading', 3, 'sha256:ca12d94c1ce7f544e94ad3f6cb26a0125e29f0b97853a66d53fb95c4f9230753', '[]', 1, 'Grading', 'Asia/Shanghai', 'bob', '["ann"]', 'ann', 'the new one is wrong', 'it''s urgent', '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-09-01', 1, 3, 15);
insert into versions (policy, number, hash, uses, language_version, title, timezone, author, approvers, publisher, reason, comment, submitted_at, published_at, start, rolled_back, draft, event) values ('using', 1, 'sha256:f14dee1e7413037c781e7706409ad4f7c980501f0fc3e0fc310de35f7df49a60', '[["pack.tier","sha256:51e72e55069d58848026ff26086388eff19191dfd8cff7f77e0ccfc5cc3658a2"]]', 1, 'Uses', null, 'ann', '["bob"]', 'bob', 'uses; and more', null, '2026-06-03 08:00:00.000000', '2026-06-03 08:00:00.000000', '2026-06-03', null, 4, 20);
