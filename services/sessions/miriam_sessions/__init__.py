"""Sessions: records individual sessions, goals, assessments and referrals."""
