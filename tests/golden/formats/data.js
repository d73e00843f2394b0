window.BENCHMARK_DATA = {
  "lastUpdate": 1767225600000,
  "repoUrl": "https://github.com/example/golden",
  "entries": {
    "Times": [
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767220000000,
        "tool": "customSmallerIsBetter",
        "benches": [
          {
            "name": "start",
            "value": 9.0,
            "unit": "ms"
          }
        ]
      },
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767221000000,
        "tool": "customSmallerIsBetter",
        "benches": [
          {
            "name": "start",
            "value": 1.5,
            "unit": "ms",
            "range": "± 0.1"
          },
          {
            "name": "size",
            "value": 2048,
            "unit": "KB"
          }
        ]
      },
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767222000000,
        "tool": "customSmallerIsBetter",
        "benches": [
          {
            "name": "start",
            "value": 1.7,
            "unit": "ms"
          },
          {
            "name": "size",
            "value": 2048,
            "unit": "KB"
          }
        ]
      }
    ],
    "Suite": [
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767223000000,
        "tool": "pytest",
        "benches": [
          {
            "name": "benches/bench_queue.py::test_put",
            "value": 4000.0,
            "unit": "iter/sec",
            "range": "stddev: 0.00001",
            "extra": "mean: 250 usec\nrounds: 90"
          }
        ]
      }
    ],
    "Rates": [
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767223000000,
        "tool": "customBiggerIsBetter",
        "benches": [
          {
            "name": "requests",
            "value": 900.0,
            "unit": "req/s"
          },
          {
            "name": "score",
            "value": 7.0,
            "unit": "points"
          }
        ]
      }
    ],
    "Rust": [
      {
        "commit": {
          "author": {
            "name": "A"
          },
          "id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "message": "m",
          "timestamp": "2026-01-01T00:00:00Z",
          "url": "u"
        },
        "date": 1767223000000,
        "tool": "cargo",
        "benches": [
          {
            "name": "fold",
            "value": 120,
            "unit": "ns/iter",
            "range": "± 3"
          }
        ]
      }
    ]
  }
}