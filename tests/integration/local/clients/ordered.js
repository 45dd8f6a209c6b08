// Publishes 1,000 messages of one ordering key and takes them: prints "in order" and their number.
const {PubSub} = require('@google-cloud/pubsub');

async function main() {
  const pubsub = new PubSub({projectId: 'plantain-test'});
  const [topic] = await pubsub.createTopic('ordered');
  const [subscription] = await topic.createSubscription('ordered-one', {enableMessageOrdering: true});
  const ordered = pubsub.topic(topic.name, {messageOrdering: true});
  const sent = Array.from({length: 1000}, (_, number) =>
    ordered.publishMessage({data: Buffer.from(String(number)), orderingKey: 'key'}));
  await Promise.all(sent);
  const seen = [];
  await new Promise((resolve, reject) => {
    subscription.on('error', reject);
    subscription.on('message', message => {
      seen.push(Number(message.data));
      message.ack();
      if (seen.length === 1000) resolve();
    });
  });
  await subscription.close();
  console.log(seen.every((number, index) => number === index) ? 'in order' : 'out of order', seen.length);
}

main().then(() => process.exit(0), error => { console.error(error); process.exit(1); });
