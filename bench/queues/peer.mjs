// Both halves of CloudCal on sqs-consumer and sqs-producer: requests are sent
// as they come, the worker handles batches of ten with one log object each,
// answers with one batch, and the web half tells replies by their ids.
import { randomUUID } from "node:crypto";
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
import { SQSClient, CreateQueueCommand } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";
import { Producer } from "sqs-producer";

const consumers = Number(process.argv[2]);
const load = JSON.parse(process.argv[3]);
const shared = { endpoint: load.Endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
const sqs = new SQSClient({ ...shared, requestHandler: { httpAgent: { maxSockets: 1024 } } });
const s3 = new S3Client({ ...shared, forcePathStyle: true, requestHandler: { httpAgent: { maxSockets: 1024 } } });

const name = randomUUID();
const make = async (QueueName) => (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl;
const requests = await make("requests-" + name);
const replies = await make("replies-" + name);
const producerOf = (queueUrl) => Producer.create({ queueUrl, sqs, batchSize: 10 });
const toRequests = producerOf(requests);
const toReplies = producerOf(replies);

function compute(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return `${sorted[0]} ${sorted[19]} ${mean} ${(sorted[9] + sorted[10]) / 2}`;
}

const attribute = (id) => ({ JobID: { DataType: "String", StringValue: id } });
const idOf = (m) => m.MessageAttributes.JobID.StringValue;
const quiet = (c) => c.on("error", (e) => console.error(e.message)).on("processing_error", (e) => console.error(e.message));

async function work(messages) {
  const answers = messages.map((m) => ({ id: idOf(m), body: compute(m.Body.split(" ").map(Number)) }));
  const log = messages.map((m, i) => `${answers[i].id} ${m.Body} ${answers[i].body}`).join("\n");
  await s3.send(new PutObjectCommand({ Bucket: "bench", Key: "logs/" + randomUUID(), Body: log }));
  await toReplies.send(answers.map((a) => ({ id: a.id, body: a.body, messageAttributes: attribute(a.id) })));
  return messages;
}

const waiting = new Map();
async function take(messages) {
  for (const m of messages) {
    waiting.get(idOf(m))?.(m.Body);
    waiting.delete(idOf(m));
  }
  return messages;
}

const running = [];
for (let i = 0; i < consumers; i++) {
  const common = { sqs, batchSize: 10, waitTimeSeconds: 20, visibilityTimeout: 30, messageAttributeNames: ["All"] };
  running.push(Consumer.create({ ...common, queueUrl: requests, handleMessageBatch: work }));
  running.push(Consumer.create({ ...common, queueUrl: replies, handleMessageBatch: take }));
}
running.forEach((c) => quiet(c).start());

async function submit(list) {
  const id = randomUUID();
  const reply = new Promise((resolve) => waiting.set(id, resolve));
  await toRequests.send({ id, body: list.join(" "), messageAttributes: attribute(id) });
  return reply;
}

const counts = async () => (await fetch(load.Endpoint + "/_counts")).json();
const number = () => Math.floor(Math.random() * 2000001) - 1000000;

async function drive(jobs, most) {
  await counts();
  const result = { Jobs: 0, Wrong: 0 };
  const took = [];
  let begun = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const user = async () => {
    while (begun++ < jobs && performance.now() - began < most) {
      const list = Array.from({ length: 20 }, number);
      const at = performance.now();
      if ((await submit(list)) !== compute(list)) result.Wrong++;
      took.push(performance.now() - at);
      result.Jobs++;
    }
  };
  await Promise.all(Array.from({ length: load.Users }, user));
  result.Seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  result.CPU = (used.user + used.system) / 1e6;
  result.Counts = await counts();
  took.sort((a, b) => a - b);
  result.P50 = took[Math.floor(took.length / 2)];
  result.P99 = took[Math.floor(took.length * 0.99)];
  return result;
}

await drive(load.Warm, 10000);
console.log(JSON.stringify(await drive(load.Jobs, load.Most / 1e6)));
process.exit(0);
