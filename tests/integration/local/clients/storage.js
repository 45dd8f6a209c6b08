// Uploads with each of the client's defaults, reads back, lists and deletes: prints "done".
const assert = require('node:assert');
const {Storage} = require('@google-cloud/storage');

async function main() {
  const storage = new Storage({apiEndpoint: process.env.STORAGE_EMULATOR_HOST, projectId: 'plantain-test'});
  const [bucket] = await storage.createBucket('node-bucket');
  const large = Buffer.alloc(12 * 1024 * 1024, 'x');
  await bucket.file('simple').save('data', {resumable: false, metadata: {contentType: 'text/plain'}});
  await bucket.file('resumable').save('data');
  await bucket.file('large').save(large);
  await bucket.file('chunked').save(large, {chunkSize: 1024 * 1024});
  for (const [name, size] of [['simple', 4], ['resumable', 4], ['large', large.length], ['chunked', large.length]]) {
    const [content] = await bucket.file(name).download();
    assert.equal(content.length, size, name);
  }
  await bucket.file('simple').copy(bucket.file('copy'));
  await bucket.file('copy').move('moved');
  await bucket.combine(['simple', 'resumable'], 'combined');
  assert.equal(String((await bucket.file('combined').download())[0]), 'datadata');
  const [files] = await bucket.getFiles();
  assert.deepEqual(files.map(each => each.name), ['chunked', 'combined', 'large', 'moved', 'resumable', 'simple']);
  await assert.rejects(storage.bucket('no-such-bucket').file('a').save('data'), /does not exist|404/);
  await bucket.deleteFiles();
  await bucket.delete();
  console.log('done');
}

main().catch(error => { console.error(error); process.exit(1); });
