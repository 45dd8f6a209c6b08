"""What limits each owner: how many jobs at once and a minute, and how many bytes a day.

Processes share no memory, so the counts are in the jobs bucket. Where an owner has no limits, nothing is read
or written.

| limit                       | counted by                       | operations for a new job                 |
|-----------------------------|----------------------------------|------------------------------------------|
| jobs at once, jobs a minute | an empty object for each job     | a write, a listing of 1,000 at a time    |
| bytes a day                 | an object for an owner and a day | a read and a write, if it takes pictures |

Stored files and files of batches count to the bytes of a day as well, each with a read and a write.
"""
